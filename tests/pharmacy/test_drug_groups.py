"""The tree of drug groups (R-54)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic.core.errors import RuleBroken
from pharmacy import groups
from pharmacy.library import load_drug_library
from pharmacy.models import Drug, DrugCategory
from tests.factories.pharmacy import DrugFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree(pharmacist):
    """西药 / 抗微生物 / 青霉素类, and 中成药."""
    west = groups.add_group(name="西药", below=None, by=pharmacist)
    anti = groups.add_group(name="抗微生物", below=west, by=pharmacist)
    penicillins = groups.add_group(name="青霉素类", below=anti, by=pharmacist)
    east = groups.add_group(name="中成药", below=None, by=pharmacist)
    return {"west": west, "anti": anti, "penicillins": penicillins, "east": east}


def words():
    return [f"{node.depth}{node.group.name}" for node in groups.tree()]


def test_the_tree_is_read_from_above(tree):
    assert words() == ["0西药", "1抗微生物", "2青霉素类", "0中成药"]


def test_a_group_moves_with_everything_below_it(tree, pharmacist):
    groups.change_group(group=tree["anti"], name="抗感染", below=tree["east"], by=pharmacist)

    assert words() == ["0西药", "0中成药", "1抗感染", "2青霉素类"]


@pytest.mark.parametrize("below", ["anti", "penicillins"])
def test_a_group_never_lies_below_itself(tree, pharmacist, below):
    with pytest.raises(RuleBroken) as refused:
        groups.change_group(group=tree["anti"], name="抗微生物", below=tree[below], by=pharmacist)

    assert refused.value.field == "below"


def test_a_name_is_there_once_among_its_siblings_also_at_the_top(tree, pharmacist):
    for below in (None, tree["west"]):
        name = "西药" if below is None else "抗微生物"
        with pytest.raises(RuleBroken):
            groups.add_group(name=name, below=below, by=pharmacist)


def test_siblings_change_places(tree, pharmacist):
    groups.order_group(group=tree["east"], up=True, by=pharmacist)
    groups.order_group(group=tree["east"], up=True, by=pharmacist)

    assert words()[0] == "0中成药"


def test_only_an_empty_group_is_removed(tree, pharmacist):
    DrugFactory(group=tree["penicillins"])

    for name in ("anti", "penicillins"):
        with pytest.raises(RuleBroken):
            groups.remove_group(group=tree[name], by=pharmacist)
    groups.remove_group(group=tree["east"], by=pharmacist)

    assert "0中成药" not in words()


def test_the_tree_does_not_grow_too_deep(tree, pharmacist):
    below = tree["penicillins"]
    for name in ("四", "五"):
        below = groups.add_group(name=name, below=below, by=pharmacist)

    with pytest.raises(RuleBroken):
        groups.add_group(name="六", below=below, by=pharmacist)
    with pytest.raises(RuleBroken):
        groups.change_group(group=tree["west"], name="西药", below=tree["east"], by=pharmacist)


def test_a_group_that_somebody_removed_is_said_to_be_gone(tree, pharmacist):
    groups.remove_group(group=tree["east"], by=pharmacist)

    with pytest.raises(RuleBroken):
        groups.add_group(name="新", below=tree["east"], by=pharmacist)


def test_the_shipped_library_comes_with_its_tree():
    load_drug_library()

    drug = Drug.objects.get(code="D001")
    assert str(drug.group) == "青霉素类"
    assert [str(drug.group.parent), str(drug.group.parent.parent)] == ["抗微生物", "西药"]
    assert not Drug.objects.filter(group=None).exists()


def test_a_branch_means_everything_below_it_with_a_bounded_number_of_queries(tree, as_, pharmacist):
    client = as_(pharmacist)
    DrugFactory(group=tree["penicillins"], code="IN")
    DrugFactory(group=tree["east"], code="OUT")
    url = f"{reverse('drug_list')}?group={tree['west'].pk}"

    def look():
        client.get(url)
        with CaptureQueriesContext(connection) as captured:
            page = client.get(url)
        return len(captured), [drug.code for drug in page.context["page"]]

    few, found = look()
    for n in range(40):
        below = DrugCategory.objects.create(name=f"G{n}", parent=tree["anti"])
        DrugFactory(group=below, code=f"A{n:02}")
    many, more = look()

    assert found == ["IN"]
    assert len(more) == 41
    assert many == few


def test_the_page_of_the_tree_asks_no_more_for_many_groups(tree, as_, pharmacist):
    client = as_(pharmacist)
    url = reverse("drug_groups")

    def count():
        client.get(url)
        with CaptureQueriesContext(connection) as captured:
            client.get(url)
        return len(captured)

    few = count()
    for n in range(50):
        DrugCategory.objects.create(name=f"G{n}", parent=tree["anti"])

    assert count() == few


def press(client, do, group=None, **more):
    data = {"do": do, "group": group.pk if group else "", **more}
    return client.post(reverse("drug_groups"), data)


def test_a_group_is_added_renamed_moved_and_removed_on_the_page(as_, storekeeper):
    client = as_(storekeeper)

    press(client, "save", name="西药")
    west = DrugCategory.objects.get()
    press(client, "save", name="抗微生物", below=west.pk)
    anti = DrugCategory.objects.get(name="抗微生物")
    press(client, "save", anti, name="抗感染", below="")
    press(client, "up", anti)
    press(client, "remove", west)

    assert words() == ["0抗感染"]


def test_the_page_says_what_is_wrong_and_keeps_what_was_typed(tree, as_, storekeeper):
    page = press(as_(storekeeper), "save", name="西药")

    assert page.status_code == 200
    assert page.context["form"].errors["name"]
    assert page.context["form"]["name"].value() == "西药"
