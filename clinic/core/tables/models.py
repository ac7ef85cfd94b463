"""An import of a table, and its rows in sealed pieces that one slice works through at once."""

import json
import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.core import sealing
from clinic.core.text import ExactCharField

HEAD_CONTEXT = "core.table_import"
ROWS_CONTEXT = "core.table_chunk"


class TableImport(models.Model):
    """One file that somebody brought, from reading it to taking everything back."""

    class State(models.TextChoices):
        READING = "reading", _("Being read")
        MATCHING = "matching", _("Columns to be matched")
        CHECKING = "checking", _("Being checked")
        READY = "ready", _("Ready to start")
        WRITING = "writing", _("Being imported")
        DONE = "done", _("Imported")
        TAKING_BACK = "taking_back", _("Being taken back")
        TAKEN_BACK = "taken_back", _("Taken back")
        DISCARDED = "discarded", _("Discarded")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = ExactCharField(max_length=40)
    state = models.CharField(_("state"), max_length=12, choices=State.choices)
    job = models.ForeignKey("core.Job", on_delete=models.PROTECT, related_name="+")
    # Until the import starts: to read it again with another sheet or encoding.
    file = models.ForeignKey(
        "core.StoredFile", on_delete=models.PROTECT, null=True, related_name="+"
    )
    # File name, sheets, header row, which column is what: a file's name can name a patient.
    head = models.BinaryField()
    created = models.PositiveIntegerField(_("created"), default=0)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    unchanged = models.PositiveIntegerField(_("unchanged"), default=0)
    refused = models.PositiveIntegerField(_("refused"), default=0)
    doubtful = models.PositiveIntegerField(_("doubtful"), default=0)
    asked = models.PositiveIntegerField(_("to be decided"), default=0)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    state__in=[
                        "reading", "matching", "checking", "ready", "writing", "done",
                        "taking_back", "taken_back", "discarded",
                    ]
                ),
                name="core_import_state",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(self.pk)  # copied into audit entries, where a state of once tells nothing

    def get_additional_data(self) -> dict:
        """For the audit log: what has become of the lines so far."""
        names = ("created", "changed", "unchanged", "refused", "doubtful", "asked")
        return {name: getattr(self, name) for name in names}

    def read_head(self) -> dict:
        """What is known of the file, opened."""
        return json.loads(sealing.unseal(HEAD_CONTEXT, self.id, bytes(self.head)))

    def write_head(self, head: dict) -> None:
        """Seal `head` into the column; the caller saves."""
        self.head = sealing.seal(HEAD_CONTEXT, self.id, json.dumps(head).encode())

    @property
    def is_working(self) -> bool:
        """True while it goes on by itself."""
        return self.state in ("reading", "checking", "writing", "taking_back")


class TableChunk(models.Model):
    """Some rows of the file and what became of each, sealed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    table = models.ForeignKey(TableImport, on_delete=models.PROTECT, related_name="chunks")
    number = models.PositiveIntegerField()
    content = models.BinaryField()
    # How many of its rows there are of each: lists leave the other chunks unopened.
    refused = models.PositiveSmallIntegerField(default=0)
    doubtful = models.PositiveSmallIntegerField(default=0)
    asked = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["table", "number"], name="core_chunk_once")]

    def __str__(self) -> str:
        return f"{self.table_id} {self.number}"

    def read_rows(self) -> list[dict]:
        """The rows as plain values."""
        return json.loads(sealing.unseal(ROWS_CONTEXT, self.id, bytes(self.content)))

    def write_rows(self, rows: list[dict]) -> None:
        """Seal `rows` into the column; the caller saves."""
        packed = json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
        self.content = sealing.seal(ROWS_CONTEXT, self.id, packed.encode())
