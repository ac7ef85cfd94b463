"""A key is retired only when nothing needs it, and then opens nothing; it is never thrown away."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from clinic.core import drafts, files
from patients.models import Patient
from security import crypto, key_state, keyring, keyring_file, rotation
from security.models import AuditEntry, DeviceUnlock, User
from tests.factories.patients import PatientFactory
from tests.helpers import SecureClient
from tests.security.test_switching import come_by_pin, set_pin, sign_in, who_is_at

pytestmark = pytest.mark.django_db


def retire(purpose, key_id=1, **options):
    call_command("retire_key", purpose, str(key_id), stdout=io.StringIO(), **options)


def rotate(*purposes):
    for purpose in purposes:
        call_command("rotate_keys", purpose=purpose, stdout=io.StringIO())


def state(purpose, key_id=1):
    return next(k.state for k in keyring.ring().keys(purpose) if k.id == key_id)


def patient(doctor, as_):
    PatientFactory(created_by=doctor)


def draft(doctor, as_):
    drafts.save_draft(form="f", content={"a": 1}, by=doctor)


def stored_file(doctor, as_):
    files.store(content=b"scan", purpose="test", media_type="image/png", by=doctor)


def session(doctor, as_):
    as_(doctor)


@pytest.mark.parametrize(
    ("purpose", "make", "words"),
    [
        ("data", patient, "3 of patients.Patient"),
        ("index", patient, "3 of patients.Patient"),
        ("data", draft, "1 of core.Draft.content"),
        ("data", stored_file, "1 of stored files"),
        ("data", session, "1 of sessions"),
    ],
)
def test_a_key_is_kept_while_something_is_sealed_with_it(
    own_ring, doctor, as_, settings, tmp_path, purpose, make, words
):
    settings.CLINIC_FILES_DIR = str(tmp_path / "files")
    make(doctor, as_)
    rotation.add_keys([purpose])

    with pytest.raises(CommandError, match=f"still needed by {words}.*rotate_keys --resume"):
        retire(purpose)

    assert state(purpose) == "decrypt-only"
    rotate(purpose)
    retire(purpose)
    assert state(purpose) == "retired"
    call_command("verify_encryption", stdout=io.StringIO())


def test_an_audit_key_is_kept_while_an_entry_carries_it(own_ring, doctor):
    rotate("audit")

    with pytest.raises(CommandError, match="audit entries"):
        retire("audit")

    assert all(
        crypto.verify_audit_mac(e.payload.encode(), e.uid, bytes(e.mac))
        for e in AuditEntry.objects.all()
    )


@pytest.mark.parametrize("purpose", keyring.PURPOSES)
def test_a_key_is_kept_while_a_registered_user_such_as_a_backup_needs_it(
    own_ring, purpose, monkeypatch
):
    monkeypatch.setattr(key_state, "_users", [])
    key_state.register_user(purpose, lambda key_id: "3 backups" if key_id == 1 else None)
    rotate(purpose)

    with pytest.raises(CommandError, match="3 backups"):
        retire(purpose)

    assert state(purpose) == "decrypt-only"


@pytest.mark.parametrize(
    ("key_id", "words"), [(1, "in use for what is written now"), (9, "holds no data key 9")]
)
def test_an_active_or_unknown_key_is_never_retired(own_ring, key_id, words):
    with pytest.raises(CommandError, match=words):
        retire("data", key_id)


def test_a_key_that_waits_to_become_active_is_not_retired(own_ring):
    ring = keyring.ring()
    body = keyring_file.body_of(ring)
    body["data"].append({**keyring_file.new_entry(2, "now"), "state": "decrypt-only"})
    keyring.use(keyring_file.replace_file(ring, body))

    with pytest.raises(CommandError, match="in use for what is written now"):
        retire("data", 2)


def test_a_row_that_was_saved_with_the_key_just_then_brings_it_back(own_ring, doctor, monkeypatch):
    sealed = crypto.seal_blob(drafts.CONTEXT, _ID, b"{}")
    rotate("data")

    def save_late(ring):
        drafts.Draft.objects.create(id=_ID, owner=doctor, form="late", content=sealed)

    monkeypatch.setattr(rotation, "wait_until_seen", save_late)

    with pytest.raises(CommandError, match="1 of core.Draft.content"):
        retire("data")

    assert state("data") == "decrypt-only"
    assert crypto.open_blob(drafts.CONTEXT, _ID, sealed) == b"{}"


_ID = drafts.uuid.UUID(int=7)


def test_a_retired_key_opens_nothing_until_it_is_put_back(own_ring):
    sealed = crypto.seal_blob("test.blob", _ID, b"in an old backup")
    rotate("data")
    retire("data")
    with pytest.raises(crypto.CryptoError, match="retired"):
        crypto.open_blob("test.blob", _ID, sealed)

    retire("data", back=True)

    assert crypto.open_blob("test.blob", _ID, sealed) == b"in an old backup"
    told = AuditEntry.objects.filter(event__startswith="key_").values_list("event", flat=True)
    assert sorted(told) == ["key_new", "key_put_back", "key_retired"]


def test_status_counts_for_every_purpose(own_ring, doctor, monkeypatch):
    monkeypatch.setattr(key_state, "_users", [("backup", lambda key_id: f"{key_id} backups")])
    PatientFactory(created_by=doctor)
    out = io.StringIO()

    call_command("keyring", "status", stdout=out)

    lines = {line.split()[0]: line for line in out.getvalue().splitlines() if line[:2] == "  "}
    assert lines["data"].endswith("known, 3 cells")
    assert lines["index"].endswith("known, 3 indexes")
    assert lines["audit"].endswith(f"known, {AuditEntry.objects.count()} entries")
    assert lines["backup"].endswith("known, 1 backups")
    assert Patient.objects.count() == 1


def test_the_authoritys_key_still_opens_after_the_data_key_was_retired(own_ring):
    out = io.StringIO()
    locked_with = keyring.ring().active("data").subkey("tls.authority").hex()
    rotate("data")
    retire("data")

    call_command("authority_passphrases", stdout=out)

    passphrases = out.getvalue().split()
    assert passphrases[0] == keyring.ring().active("data").subkey("tls.authority").hex()
    assert locked_with in passphrases[1:]


@pytest.fixture(autouse=True)
def no_backups(tmp_path, settings):
    """Another test's backup is no reason to keep a key here."""
    settings.CLINIC_BACKUP_DIR = str(tmp_path / "backups")


@pytest.fixture
def at_the_desk(own_ring, nurse, frontdesk):
    """The nurse's PIN was made under index key 1, which a rotation then replaced."""
    pc = SecureClient()
    sign_in(pc, nurse)
    set_pin(pc)
    pc.post(reverse("logout"))
    sign_in(pc, frontdesk)
    rotate("index")
    return pc


def test_an_index_key_is_not_retired_without_a_word_about_the_pins_made_under_it(at_the_desk):
    with pytest.raises(CommandError, match=r"PINs of 1 people .* void.*retire_key index 1 --yes"):
        retire("index")
    assert state("index") == "decrypt-only"

    retire("index", yes=True)

    assert state("index") == "retired"


def test_pins_of_closed_accounts_and_under_other_keys_are_no_hindrance(at_the_desk, nurse):
    User.objects.filter(pk=nurse.pk).update(is_active=False)

    retire("index")

    assert state("index") == "retired"


def test_whose_pin_became_void_is_told_so_and_no_try_is_counted(at_the_desk, nurse, frontdesk):
    come_by_pin(at_the_desk, nurse, pin="918273")
    retire("index", yes=True)

    page = come_by_pin(at_the_desk, nurse).content.decode()

    assert "重新设置PIN码" in page and "PIN码不对" not in page
    assert 'name="pin"' not in page and who_is_at(at_the_desk) == frontdesk.pk
    assert DeviceUnlock.objects.get(user=nurse).tries == 1


def test_after_the_password_a_void_pin_is_set_anew_and_works(at_the_desk, nurse, frontdesk):
    retire("index", yes=True)
    at_the_desk.post(reverse("logout"))
    sign_in(at_the_desk, nurse)
    home = at_the_desk.get("/", follow=True).content.decode()

    set_pin(at_the_desk)
    at_the_desk.post(reverse("logout"))
    come_by_pin(at_the_desk, nurse)

    assert who_is_at(at_the_desk) == nurse.pk
    assert "您的PIN码不能再用" in home
