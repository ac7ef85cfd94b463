"""Tables of the trial models, and key rings to swap."""

import base64

import pytest
from django.apps import AppConfig, apps
from django.db import connection

from security import keyring, keyring_file


@pytest.fixture(scope="session")
def trial_tables(django_db_setup, django_db_blocker):
    from tests.security.fieldsapp import models

    made = [models.Person, models.Visit, models.Slip, models.Worker, models.Card]
    with django_db_blocker.unblock():
        existing = connection.introspection.table_names()
        with connection.schema_editor() as editor:
            for model in made:
                if model._meta.db_table not in existing:
                    editor.create_model(model)
    yield
    with django_db_blocker.unblock(), connection.schema_editor() as editor:
        for model in reversed(made):
            editor.delete_model(model)


@pytest.fixture
def trial(trial_tables, db):
    """The trial models, with their tables."""
    from tests.security.fieldsapp import models

    return models


@pytest.fixture
def trial_app(trial):
    """The trial models as an installed app, for what walks over all models."""
    import tests.security.fieldsapp as module

    config = AppConfig("tests.security.fieldsapp", module)
    config.apps = apps
    config.models = apps.all_models["fieldsapp"]
    config.models_module = trial
    apps.app_configs["fieldsapp"] = config
    apps.clear_cache()
    yield trial
    del apps.app_configs["fieldsapp"]
    apps.clear_cache()


@pytest.fixture
def new_ring(tmp_path, settings):
    """`new_ring(body)`: from here on the process uses a key ring of its own."""

    def make(body=None, passphrase=None):
        path = tmp_path / f"ring{len(list(tmp_path.iterdir()))}.json"
        write_ring(path, body or keyring_file.new_body(), passphrase)
        settings.CLINIC_KEYRING = str(path)
        keyring.reset()
        return path

    yield make
    keyring.reset()


def write_ring(path, body, passphrase=None):
    import json

    path.write_text(json.dumps(keyring_file.wrap_document(body, passphrase)))
    path.chmod(0o400)


def fixed_body():
    """The key ring under which the frozen envelopes were made."""

    def key(number):
        return base64.b64encode(bytes([number]) * 32).decode()

    return {
        "data": [
            {"id": 1, "key": key(1), "state": "decrypt-only", "created": "2026-01-01T00:00:00Z"},
            {"id": 258, "key": key(2), "state": "active", "created": "2026-02-01T00:00:00Z"},
        ],
        "index": [
            {"id": 1, "key": key(3), "state": "decrypt-only", "created": "2026-01-01T00:00:00Z"},
            {"id": 2, "key": key(4), "state": "active", "created": "2026-02-01T00:00:00Z"},
        ],
        "audit": [{"id": 7, "key": key(5), "state": "active", "created": "2026-01-01T00:00:00Z"}],
        "backup": [{"id": 1, "key": key(6), "state": "active", "created": "2026-01-01T00:00:00Z"}],
    }


@pytest.fixture
def fixed_ring(new_ring):
    return new_ring(fixed_body())


@pytest.fixture
def own_ring(db, new_ring, monkeypatch):
    """A fresh ring that the database knows; child processes use it too, and look often."""
    from security import key_state, rotation
    from security.models import KeyCheck
    from tests.security.rotating import LOOK

    monkeypatch.setattr(keyring, "LOOK_SECONDS", LOOK)
    monkeypatch.setattr(rotation, "GRACE_SECONDS", 2 * LOOK)
    path = new_ring()
    monkeypatch.setenv("CLINIC_KEYRING", str(path))
    KeyCheck.objects.all().delete()
    key_state.note_fingerprints(keyring.ring(), "default")
    return path


@pytest.fixture
def archive_folders(db, tmp_path, settings):
    """Folders of the test's own for archives, backups and checkpoints."""
    settings.DATA_DIR = tmp_path
    settings.CLINIC_BACKUP_DIR = str(tmp_path / "backups")
    settings.CLINIC_CHECKPOINT_DIR = str(tmp_path / "checkpoints")
    return tmp_path
