"""Audit entries as the log writes them, each with its MAC, sealed in pieces of 500."""

import collections
import json
import random
import struct
import uuid
from datetime import datetime, timedelta, timezone

from django.db import connection, transaction

from tests.benchmarks.large import alike, bulk
from tests.benchmarks.large.alike import bare
from tests.benchmarks.large.visits import BEFORE, DAYS

SEALED, PIECE = 500, 10_000
LISTED = 20  # patients of one look at a list, of the sixty that are here in that hour
HERE, HOUR = 60, 3_600
# Stand-ins that are replaced in the finished text of a kind.
UID, SUBJECT, THING = (uuid.UUID(int=n + 0xABCDEF << 96) for n in (1, 2, 3))
MOMENT = datetime(2001, 2, 3, 4, 5, 6, 700_008, timezone.utc)
LIST, KEY = b"\xab\xcd" * 8 * LISTED, "f" * 32
# (share, event, action, screen, model, who, about one patient, about many)
KINDS = [
    (38, "read", 3, "patient_chart", "", "doctor", True, False),
    (5, "read", 3, "desk", "", "frontdesk", False, True),
    (5, "read", 3, "queue", "", "doctor2", False, True),
    (8, "search", 3, "patient_search", "", "frontdesk", False, False),
    (6, "print", 3, "slip", "registration.registration", "frontdesk", True, False),
    (10, "create", 0, "registration_new", "registration.registration", "frontdesk", True, False),
    (16, "update", 1, "queue", "registration.registration", "doctor", True, False),
    (7, "create", 0, "prescription_edit", "prescriptions.prescription", "doctor2", True, False),
    (4, "update", 1, "dispense", "prescriptions.prescription", "pharmacist", True, False),
    (1, "sign_in", 3, "login", "", "nurse", False, False),
]


MENTION = ["patient", "last_id", "entries"]


def fill(many: int, people: dict) -> None:
    from clinic.core.models import Counter
    from security.mentions import NOTED
    from security.models import AuditEntry, AuditMention, AuditSeal, AuditSealed

    global _known
    first = bulk.one("SELECT MAX(id) FROM security_auditentry") + 1
    columns = [field.column for field in AuditEntry._meta.concrete_fields]
    kinds = [_Kind(people, columns, *kind[1:]) for kind in KINDS]
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM bench_patient WHERE n < 10000")
        patients = [uuid.UUID(str(row[0])) for row in cursor.fetchall()]
    begin = datetime.now(timezone.utc) - timedelta(days=DAYS + BEFORE)
    _known = (many, first, kinds, patients, begin, timedelta(days=DAYS) / many)
    chain = _Chain()
    pieces = [range(at, min(at + PIECE, many)) for at in range(0, many, PIECE)]
    with bulk.indexed_at_the_end(AuditEntry, AuditMention, AuditSeal, AuditSealed):
        for number, (rows, sealed, mentioned) in enumerate(bulk.computed(_piece, pieces), 1):
            with transaction.atomic():
                bulk.write("security_auditentry", columns, rows)
                chain.write(sealed)
                bulk.write("security_auditmention", MENTION, mentioned)
            if number % 50 == 0:
                bulk.told(f"{number * PIECE:>11,} entries")
    chain.note()
    Counter.objects.update_or_create(name=NOTED, defaults={"value": first + many - 1})
    _check()


class _Kind:
    """One kind of entry: its columns and its text, with stand-ins where entries differ."""

    def __init__(self, people, columns, event, action, screen, model, who, is_one, is_many):
        from django.contrib.contenttypes.models import ContentType

        from security.entries import Acting, acting, complete
        from security.models import AuditEntry

        kind = ContentType.objects.get_by_natural_key(*model.split(".")) if model else None
        changes = None
        if action in (0, 1):
            changes = {"state": ["waiting", "called"], "version": ["1", "2"]}
        entry = AuditEntry(
            uid=UID, timestamp=MOMENT, event=event, action=action, screen=screen,
            content_type=kind, object_pk=str(THING) if kind else "",
            object_repr="2024-01-01 A001" if kind else "", changes=changes,
            additional_data={"patient": SUBJECT.hex} if is_one and kind else None,
            subject=SUBJECT if is_one else None, subjects=LIST if is_many else None,
            read_key=KEY if event == "read" else None,
        )  # fmt: skip
        user = people[who]
        context = Acting(lambda: user, "192.168.1.23", "0123456789abcdef", screen)
        with acting(context):
            complete(entry)
        self.is_many = is_many
        self.text = entry.payload
        self.row = alike.stored_of(entry)
        at = {name: columns.index(name) for name in columns}
        names = ("id", "uid", "timestamp", "subject", "subjects", "object_pk", "read_key")
        self.at = [at[name] for name in (*names, "payload", "mac", "additional_data")]
        self.has = [bool(is_one), bool(is_many), bool(kind), event == "read"]

    def made(self, pk: int, uid, moment, patient, many: bytes, chance) -> tuple[list, bytes]:
        from security import crypto

        is_one, is_many, has_thing, is_read = self.has
        row, text = list(self.row), self.text
        thing = str(uuid.UUID(int=chance.getrandbits(128))) if has_thing else ""
        text = text.replace(UID.hex, uid.hex)
        text = text.replace(MOMENT.isoformat(), moment.isoformat(timespec="microseconds"))
        if is_one:
            text = text.replace(SUBJECT.hex, patient.hex)
        if is_many:
            text = text.replace(LIST.hex(), many.hex())
        if has_thing:
            text = text.replace(str(THING), thing)
        mac = crypto.audit_mac(text.encode(), uid)
        places = self.at
        row[places[0]] = pk
        row[places[1]] = bare(uid)
        row[places[2]] = alike.adapted(moment)
        row[places[3]] = bare(patient) if is_one else None
        row[places[4]] = many if is_many else None
        row[places[5]] = thing
        row[places[6]] = f"{chance.getrandbits(128):032x}" if is_read else None
        row[places[7]] = text
        row[places[8]] = mac
        if is_one and has_thing:
            row[places[9]] = json.dumps({"patient": patient.hex})
        return row, mac


def _piece(numbers: range) -> tuple[list, list, list]:
    from security.merkle import Tree, leaf_of

    _many, first, kinds, patients, begin, step = _known
    chance = random.Random(numbers.start)
    chosen = chance.choices(kinds, [kind[0] for kind in KINDS], k=len(numbers))
    rows, sealed, tree, leaves = [], [], Tree(), []
    mentioned = collections.defaultdict(list)
    for number, kind in zip(numbers, chosen, strict=True):
        pk, uid = first + number, uuid.UUID(int=chance.getrandbits(128), version=4)
        patient = patients[chance.randrange(len(patients))]
        moment, many = begin + step * number, b""
        if kind.is_many:
            hour = int(moment.timestamp()) // HOUR
            here = [patients[(hour * 37 + n) % len(patients)] for n in range(HERE)]
            listed = sorted(chance.sample(here, LISTED))
            many = b"".join(one.bytes for one in listed)
            for one in listed:
                mentioned[hour, one].append(pk)
        row, mac = kind.made(pk, uid, moment, patient, many, chance)
        rows.append(row)
        leaf = leaf_of(uid.bytes, mac)
        tree.add(leaf)
        leaves.append(leaf)
        if len(leaves) == SEALED or number == numbers[-1]:
            sealed.append((pk - len(leaves) + 1, pk, moment, tree.root(), leaves))
            tree, leaves = Tree(), []
    noted = [
        (bare(patient), some[-1], struct.pack(f"<{len(some)}q", *some))
        for (_hour, patient), some in mentioned.items()
    ]
    return rows, sealed, noted


class _Chain:
    """The seals, each with the MAC of the one before, and their lines outside the database."""

    def __init__(self):
        from security.models import AuditSeal

        self.last = AuditSeal.objects.order_by("-seq").first()
        self.lines: list = []

    def write(self, sealed: list) -> None:
        from security import seals
        from security.crypto import audit_mac
        from security.models import AuditSeal

        members = []
        for first, last, moment, root, leaves in sealed:
            before = self.last
            seal = AuditSeal(
                seq=before.seq + 1 if before else 1,
                n=len(leaves),
                total=(before.total if before else 0) + len(leaves),
                first_id=first,
                last_id=last,
                root=root,
                prev_mac=bytes(before.mac) if before else seals.NO_MAC,
                sealed_at=moment,
            )
            seal.mac = audit_mac(seals.seal_text(seal), uuid.UUID(int=seal.seq), "seal")
            self.last = seal
            self.lines.append(seal)
            members += [(first + n, seal.seq, leaf) for n, leaf in enumerate(leaves)]
        AuditSeal.objects.bulk_create(self.lines[-len(sealed) :])
        bulk.write("security_auditsealed", ["entry_id", "seal_id", "leaf"], members)

    def note(self) -> None:
        from security import checkpoints

        checkpoints.folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        with (checkpoints.folder() / "0000-large.txt").open("w") as file:
            for seal in self.lines:
                digits = bytes(seal.mac)[2:].hex()
                file.write(f"{seal.seq} {digits} {seal.total} {seal.sealed_at:%Y-%m-%dT%H:%M}\n")


def _check() -> None:
    """The last entries of each kind say what they would say had the log written them."""
    from security.crypto import verify_audit_mac
    from security.entries import canonical
    from security.models import AuditEntry

    for entry in AuditEntry.objects.order_by("-pk")[:200]:
        if canonical(entry) != entry.payload:
            raise SystemExit(f"{canonical(entry)}\n{entry.payload}")
        if not verify_audit_mac(entry.payload.encode(), entry.uid, bytes(entry.mac)):
            raise SystemExit("an entry has a wrong MAC")
