"""What the database can't do with ciphertext is refused in words; find() is the way."""

import pytest
from django.core.exceptions import FieldError


@pytest.fixture
def person(trial):
    return trial.Person.objects.create(
        name="王小明", phone="13800138000", address="文三路", id_number="11010519491231002X"
    )


# --- find -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "question",
    [
        {"phone": "138 0013 8000"},
        {"phone": "+86-138-0013-8000"},
        {"phone_last4": "8000"},
        {"id_number": "11010519491231002x"},
        {"id_number": " １１０１０５１９４９１２３１００２Ｘ "},
        {"phone": "13800138000", "phone_last4": "8000"},
    ],
)
def test_find_normalises_as_writing_did(trial, person, question):
    trial.Person.objects.create(name="李四", phone="13900139000")

    assert list(trial.Person.objects.find(**question)) == [person]


@pytest.mark.parametrize(
    "question",
    [
        {"phone": "13800138001"},
        {"phone": "1380013800"},
        {"phone": ""},
        {"phone": None},
        {"phone": "王"},
        {"phone": "' OR 1=1 --"},
        {"phone": 13800138000},
        {"phone_last4": "800"},
        {"phone_last4": "138"},
        {"id_number": "\x00"},
        {"phone": "13800138000", "phone_last4": "8001"},
    ],
)
def test_find_finds_nothing_for_what_is_not_there(trial, person, question):
    assert list(trial.Person.objects.find(**question)) == []


def test_find_compares_the_open_value_and_not_only_the_bucket(trial):
    """Twelve bits give 4096 buckets: of 5000 endings two share one."""
    index = trial.Person._meta.get_field("phone_last4_index")
    seen = {}
    for number in range(5000):
        ending = f"{number:04}"
        first = seen.setdefault(index.compute(f"1380000{ending}"), ending)
        if first != ending:
            break
    here = trial.Person.objects.create(name="甲", phone=f"1380000{first}")
    there = trial.Person.objects.create(name="乙", phone=f"1380000{ending}")

    assert here.phone_last4_index == there.phone_last4_index
    assert list(trial.Person.objects.find(phone_last4=first)) == [here]
    assert list(trial.Person.objects.find(phone_last4=ending)) == [there]


def test_find_keeps_filters_and_can_be_refined(trial, person):
    other = trial.Person.objects.create(name="李四", phone="13800138000")

    both = trial.Person.objects.find(phone="13800138000")

    assert set(both) == {person, other}
    assert list(both.filter(name="李四")) == [other]
    assert list(trial.Person.objects.filter(name="李四").find(phone="13800138000")) == [other]
    assert [p.name for p in both.order_by("name")] == sorted(["王小明", "李四"])


def test_find_follows_the_value(trial, person):
    person.phone = "13911112222"
    person.save(update_fields=["phone"])

    assert not trial.Person.objects.find(phone="13800138000")
    assert not trial.Person.objects.find(phone_last4="8000")
    assert trial.Person.objects.find(phone="13911112222").get() == person
    assert trial.Person.objects.find(phone_last4="2222").get() == person


@pytest.mark.parametrize("empty", [None, ""])
def test_an_emptied_value_has_no_index(trial, person, empty):
    person.phone = empty
    person.save()

    row = trial.Person.objects.get()
    assert (row.phone_index, row.phone_last4_index) == (None, None)


def test_find_needs_no_second_query_for_its_rows(trial, person, django_assert_num_queries):
    trial.Visit.objects.create(person=person, complaint="咳嗽")

    with django_assert_num_queries(1):
        found = trial.Person.objects.find(phone="13800138000")
        assert [p.phone for p in found] == ["13800138000"]
        assert len(found) == 1
        assert found


def test_find_refuses_values(trial):
    with pytest.raises(TypeError, match="before values"):
        trial.Person.objects.values("id").find(phone="13800138000")


def test_find_refuses_unknown_questions(trial):
    with pytest.raises(FieldError, match="knows id_number, phone, phone_last4, not 'address'"):
        trial.Person.objects.find(address="x")
    with pytest.raises(TypeError):
        trial.Person.objects.find()


def test_find_works_while_index_keys_change(trial, new_ring):
    from security import keyring_file

    body = keyring_file.new_body()
    new_ring(body)
    old = trial.Person.objects.create(name="旧", phone="13800138000")
    body["index"] = [
        {**body["index"][0], "state": "decrypt-only"},
        keyring_file.new_entry(2, "now"),
    ]
    new_ring(body)
    new = trial.Person.objects.create(name="新", phone="13800138000")

    assert old.phone_index.digest[0] == 1
    assert new.phone_index.digest[0] == 2
    assert set(trial.Person.objects.find(phone="13800138000")) == {old, new}
