"""A ledger's encrypted values are sealed anew under a new key; the database refuses all else."""

import io

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection

from registration.models import RecordVersion
from security import triggers
from tests.factories.registration import finished_record, open_session

pytestmark = pytest.mark.django_db(transaction=True)
TABLE = RecordVersion._meta.db_table


def sealed() -> bytes:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT content FROM {TABLE}")  # noqa: S608
        return bytes(cursor.fetchone()[0])


def test_a_new_key_reseals_a_guarded_ledger_and_nothing_else_changes(own_ring, doctor, frontdesk):
    finished_record(open_session(doctor), frontdesk)
    before, content = sealed(), RecordVersion.objects.get().content
    assert triggers.make()
    try:
        call_command("rotate_keys", purpose="data", stdout=io.StringIO())

        assert sealed() != before and RecordVersion.objects.get().content == content
        with pytest.raises(DatabaseError, match="never changed"), connection.cursor() as cursor:
            cursor.execute(f"UPDATE {TABLE} SET content = content, number = number + 1")  # noqa: S608
    finally:
        triggers.drop()
