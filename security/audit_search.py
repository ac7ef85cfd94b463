"""Finding entries by person, patient, action and time."""

from datetime import date, time, timedelta
from uuid import UUID

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.core.days import moment
from security import glass, mentions, subjects
from security.audit_words import admin_screen, field_words, kind_word, own_words, thing_word
from security.models import AuditEntry, User
from security.permissions import Role

EVENING, MORNING = time(22), time(6)
MOST_NIGHTS = 31
EVENT_LABELS = {
    "create": _("Created"),
    "update": _("Changed"),
    "delete": _("Deleted"),
    "read": _("Read"),
    "search": _("Searched"),
    "print": _("Printed"),
    "patient_merged": _("Files merged"),
    "merge_undone": _("Merge undone"),
    "export": _("Exported"),
    "import": _("Imported"),
    "sign_in": _("Signed in"),
    "sign_out": _("Signed out"),
    "password": _("Changed password"),
    "password_reset": _("Gave a one-time password"),
    "refused": _("Refused"),
    "audit_read": _("Read the audit log"),
    "roles": _("Changed roles"),
    "break_glass": _("Opened a file with a reason"),
    "pin_set": _("Set the PIN"),
    "pin_switch": _("Switched user by PIN"),
    "pin_locked": _("PIN locked"),
    "audit_verify": _("Verified the audit log"),
    "encryption_verify": _("Verified what is encrypted"),
    "records_verify": _("Verified the signed records"),
    "archive_verify": _("Verified the archive of prescriptions"),
    "cash_verify": _("Proved the sums of the till"),
    "audit_archive": _("Archived old entries of the audit log"),
    "audit_removed": _("Took archived entries out of the audit log"),
    "demo_visit": _("Made-up visit of the demo clinic"),
    "not_a_duplicate": _("Opened although similar"),
    "file_taken_in": _("Taken in from another institution"),
    "file_taken_back": _("Taken back again"),
    "key_new": _("Added keys"),
    "key_rotation": _("Re-encrypted"),
    "key_retired": _("Retired a key"),
    "key_put_back": _("Put a retired key back"),
    "key_sheet": _("Printed the key sheet"),
    "backup": _("Asked for a backup"),
    "restore": _("Restored a backup"),
    "database_moved": _("Moved to another database"),
    "second_factor": _("One-time code"),
    "second_factor_set": _("One-time codes set up"),
    "second_factor_reset": _("One-time codes reset"),
    "recovery_code": _("Recovery code used"),
    "recovery_codes_new": _("New recovery codes made"),
    "account_closed": _("Closed an unused account"),
    "locked_out": _("Locked out"),
    "unlocked": _("Unlocked"),
    "session_ended": _("Sessions ended"),
    "device_forgotten": _("Forgot a computer (PIN)"),
    "reset_seen": _("Read that the sign-in was reset"),
    "second_person": _("Confirmed as second person"),
    "other_batch": _("Handed out another batch"),
    "treatment_undone": _("Took back a slip in the treatment room"),
}


SCREEN_LABELS = {
    "support_bundle": _("Support bundle"),
    "patient_search": _("Patient search"),
    "patient_find": _("Patient search, while typing"),
    "patient_chart": _("Patient chart"),
    "patient_new": _("New patient"),
    "patient_edit": _("Change a patient's file"),
    "patient_allergies": _("Allergies"),
    "duplicate_list": _("Possible duplicates"),
    "patient_merge": _("Merge two files"),
    "patient_unnamed": _("New patient without a name"),
    "patient_consents": _("Consents"),
    "consent_withdraw": _("Consents"),
    "consent_print": _("Printing consents"),
    "patient_basics": _("Basic information"),
    "basics_print": _("Printing the basic information form"),
    "patient_changes": _("Corrections of a file"),
    "patient_copy": _("Copy of the medical record"),
    "copy_print": _("Printing a copy of the record"),
    "patient_export": _("File as Excel"),
    "patient_fhir": _("File as FHIR"),
    "received_list": _("Files of other institutions"),
    "received_show": _("Taking in a file of another institution"),
    "received_document": _("File of another institution"),
    "patient_list": _("List of patients as a file"),
    "data_sets": _("Data sets of the standards"),
    "export_file": _("Saving an exported file"),
    "export_patients": _("Export of patients by command"),
    "patient_reveal": _("Masked numbers opened"),
    "break_glass": _("Opening a file with a reason"),
    "followup_list": _("List of follow-ups"),
    "followup_phones": _("Phones of the list of follow-ups"),
    "followup_record": _("Form of a follow-up"),
    "followup_move": _("Form of a follow-up"),
    "followup_print": _("Printing a follow-up"),
    "patient_followups": _("Files of long care"),
    "care_file_close": _("Files of long care"),
    "care_file_delivery": _("Files of long care"),
    "desk": _("Front desk"),
    "registration_new": _("Registration"),
    "registration_cancel": _("Cancelling a registration"),
    "slip": _("Number slip"),
    "vitals": _("Vital signs"),
    "queue": _("Queue of the doctor"),
    "triage": _("Triage"),
    "visit_hand_over": _("Handing a patient over"),
    "begun_cancel": _("Cancelling a visit that was begun"),
    "consultation": _("Consultation"),
    "diagnosis_put_back": _("Consultation"),
    "record_print": _("Printing an outpatient record"),
    "import_icd10": _("Importing diagnoses"),
    "record_correct": _("Correcting a signed record"),
    "record_history": _("Versions and additions of a record"),
    "countersign": _("Countersigning"),
    "countersign_list": _("Countersigning"),
    "report_list": _("Report cards"),
    "report_duty": _("Report card"),
    "report_card": _("Printing a report card"),
    "sick_note_print": _("Printing a sick note"),
    "referral_print": _("Printing a referral letter"),
    "record_template": _("Template of a record"),
    "record_template_new": _("Template of a record"),
    "schedule": _("Schedule"),
    "schedule_cell": _("Schedule"),
    "week_plan": _("Usual week"),
    "week_copy": _("Copying a week"),
    "session_align": _("Schedule"),
    "holiday_list": _("Public holidays"),
    "holiday_drop": _("Public holidays"),
    "doctor_away": _("A doctor away"),
    "stopped_list": _("People of stopped sessions"),
    "stopped_phones": _("Phones of people of stopped sessions"),
    "stopped_act": _("People of stopped sessions"),
    "session_hand_over": _("Handing a session over"),
    "session_reopen": _("Opening a session again"),
    "registration_later": _("Registering for another time"),
    "registration_rebook": _("Moving to another time"),
    "registration_check_in": _("Check-in"),
    "booking_rebook": _("Moving to another time"),
    "desk_bookings": _("Online bookings"),
    "booking": _("Online booking"),
    "desk_booking": _("Checking in a booking"),
    "desk_booking_drop": _("Cancelling a booking"),
    "paper_numbers": _("Printing emergency numbers"),
    "paper_entry": _("Typing in emergency numbers"),
    "alert_outcomes": _("What comes of the alerts"),
    "evaluation_list": _("Evaluation"),
    "set_list": _("Set prescriptions"),
    "outpatient_log": _("Outpatient log"),
    "statistics": _("Statistics"),
    "statistics_files": _("Files to complete"),
    "opinion": _("Question after the visit"),
    "no_shows": _("No-shows"),
    "prescription_list": _("Prescriptions"),
    "prescription_edit": _("Writing a prescription"),
    "prescription_item_put_back": _("Writing a prescription"),
    "herbal_edit": _("Writing a herbal prescription"),
    "prescription_show": _("Prescription"),
    "prescription_print": _("Printing a prescription"),
    "prescription_insist": _("Insisting on a prescription"),
    "prescription_countersign_list": _("List of prescriptions to countersign"),
    "prescription_countersign": _("Countersigning a prescription"),
    "archive_list": _("Archive of prescriptions"),
    "prescription_register": _("Register of prescriptions"),
    "bag_labels": _("Labels for bags"),
    "infusion_card": _("Infusion card"),
    "evaluation_sheet": _("Evaluation of a prescription"),
    "evaluation_own": _("Evaluation of my prescriptions"),
    "rx_monthly_form": _("Evaluation form"),
    "review_list": _("List of prescriptions to review"),
    "review": _("Prescription review"),
    "dispense_list": _("List of prescriptions to dispense"),
    "dispense": _("Dispensing"),
    "prescription_return": _("Return of drugs"),
    "pain_file": _("Pain file"),
    "special_register": _("Register of narcotics and class-I psychotropics"),
    "special_register_print": _("Printing the register of narcotics and class-I psychotropics"),
    "skin_test_list": _("Skin tests"),
    "treatment_list": _("Treatments"),
    "treatment_turn": _("Carrying out a treatment"),
    "treatment_order": _("Ordering treatments"),
    "treatment_day": _("Printing the treatment list"),
    "bottle_labels": _("Labels for bottles"),
    "display": _("Waiting-room screen"),
    "cashier": _("Cashier's list"),
    "bill": _("Bill"),
    "bill_put_off": _("Putting payment off"),
    "bill_add": _("Adding to a bill"),
    "bill_take_off": _("Taking off a bill"),
    "receipt_show": _("Receipt"),
    "receipt_paper": _("Printing a receipt"),
    "receipt_refund": _("Refund"),
    "shift": _("Cashier's shift"),
    "shift_close": _("Closing a colleague's shift"),
    "fee_new": _("New fee item"),
    "fee_show": _("Fee item"),
    "fee_import": _("Import a price list"),
    "stock": _("Stock"),
    "stock_receive_bring_back": _("Receive a delivery"),
    "stock_take_new": _("Beginning a stock-take"),
    "stock_take_count": _("Counting in a stock-take"),
    "stock_take_found": _("Adding a batch found in a stock-take"),
    "stock_take_close": _("Ending a count of a stock-take"),
    "stock_take_reasons": _("Reasons of a stock-take"),
    "stock_take_confirm": _("Confirming a stock-take"),
    "stock_take_again": _("Sending a line of a stock-take back"),
    "stock_take_cancel": _("Cancelling a stock-take"),
    "handover_new": _("Shift handover of controlled drugs"),
    "batch_hold": _("Freezing of a batch"),
    "recall_new": _("Recall a lot"),
    "recall_close": _("Close the recall"),
    "recall_contact": _("Patients of a recalled lot"),
    "cold_unit_new": _("New refrigerator"),
    "cold_unit_edit": _("Change a refrigerator"),
    "recall_patients": _("Patients of a recalled lot"),
    "lot_patients": _("People who got this lot"),
    "recall_print": _("Printing the patients of a recalled lot"),
    "recall_export": _("Export of the patients of a recalled lot"),
    "drug_new": _("New drug"),
    "drug_change": _("Change a drug"),
    "drug_check": _("Checking a drug"),
    "drug_stop": _("Stopping a drug"),
    "drug_restart": _("Putting a drug back into use"),
    "drug_control": _("Control class of a drug"),
    "drug_groups": _("Groups of drugs"),
    "price_list": _("Price changes"),
    "price_new": _("Change prices"),
    "price_withdraw": _("Withdrawing a price change"),
    "patient_import": _("Patient import"),
    "patient_import_show": _("Patient import"),
    "drug_import": _("Drug import"),
    "drug_import_show": _("Drug import"),
    "guide_step": _("First steps"),
    "audit_list": _("Audit log"),
    "audit_export": _("Export of the audit log"),
    "audit_week": _("Week's summary of the audit log"),
    "security_daily": _("Daily security report"),
    "seal_compare": _("Comparing a seal with paper"),
    "audit_verify": _("Verification of the audit log"),
    "encryption_verify": _("Verification of what is encrypted"),
    "records_verify": _("Verification of the signed records"),
    "archive_verify": _("Verification of the archive of prescriptions"),
    "cash_verify": _("Proof of the sums of the till"),
    "audit_archive": _("Archive of the audit log"),
    "login": _("Sign-in"),
    "switch": _("Switch user"),
    "pin_set": _("Setting the PIN"),
    "demo_data": _("Demo data"),
    "new_recovery_codes": _("Making new recovery codes"),
    "command": _("Command of the administrator"),
    "set_up": _("Set-up"),
    "security_home": _("Security and backups"),
    "restore": _("Restoring a backup"),
    "migrate_database": _("Moving to another database"),
    "second_step": _("Second step of the sign-in"),
    "second_step_setup": _("Setting up one-time codes"),
    "end_session": _("My sessions"),
}


class AuditFilterForm(forms.Form):
    """All fields may stay empty. The hidden ones come from links of lists and summaries."""

    who = forms.CharField(label=_("User name"), required=False, max_length=40)
    number = forms.CharField(label=_("Patient number"), required=False, max_length=12)
    event = forms.ChoiceField(
        label=_("Event"), required=False, choices=[("", _("All")), *EVENT_LABELS.items()]
    )
    outcome = forms.ChoiceField(
        label=_("Result"),
        required=False,
        choices=[("", _("All")), *AuditEntry.Outcome.choices],
    )
    since = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    patient = forms.UUIDField(required=False, widget=forms.HiddenInput)
    actor = forms.IntegerField(required=False, min_value=1, max_value=2**62)
    before = forms.IntegerField(required=False, min_value=1, max_value=2**62)
    night = forms.BooleanField(required=False)
    files = forms.BooleanField(required=False)

    def clean_number(self):
        number = self.cleaned_data["number"].strip()
        if number and subjects.id_of(number) is None:
            raise forms.ValidationError(
                _("There is no patient with this number. Please check it on the file or slip.")
            )
        return number


def search(form: AuditFilterForm):
    """The entries that fit the form; all of them when it is empty, none when it is wrong."""
    entries = AuditEntry.objects.select_related("content_type").order_by("-timestamp", "-pk")
    if not form.is_bound:
        return entries
    if not form.is_valid():
        return entries.none()
    wanted = form.cleaned_data
    entries = _plainly(entries, wanted)
    if wanted["who"]:
        entries = entries.filter(actor__in=_people(wanted["who"]))
    patient = _patient(wanted)
    if patient:
        entries = about(entries, patient)
    return entries


def parts(form: AuditFilterForm, most: int) -> list:
    """The same in parts, each of which an index holds in the order of time; together they are read
    newest first as far as is wanted. An entry may stand in two of them. `most` is enough of any.
    """
    entries = AuditEntry.objects.order_by("-timestamp")
    if not form.is_bound:
        return [entries]
    if not form.is_valid():
        return []
    wanted = form.cleaned_data
    entries, patient = _plainly(entries, wanted), _patient(wanted)
    people = _people(wanted["who"]) if wanted["who"] else None
    if patient:
        listed = None if _narrows(wanted) else most
        if people is not None:
            entries = entries.filter(actor__in=people)
        numbers = mentions.entries_of(patient, listed)
        return [entries.filter(subject=patient), entries.filter(pk__in=numbers)]
    if people is not None:
        return [entries.filter(actor=person) for person in people]
    return [entries]


def _narrows(wanted: dict) -> bool:
    """Whether the newest that name a patient may be none of those that are wanted."""
    names = ("who", "event", "outcome", "actor", "since", "until", "night", "files", "before")
    return any(wanted[name] for name in names)


def _plainly(entries, wanted: dict):
    """What the columns of an entry tell themselves."""
    for name in ("event", "outcome", "actor"):
        if wanted[name]:
            entries = entries.filter(**{name: wanted[name]})
    if wanted["files"]:
        entries = entries.filter(subject__isnull=False)
    if wanted["before"]:
        entries = _older_than(entries, wanted["before"])
    return _within(entries, wanted)


def _people(typed: str) -> list[int]:
    """Whose user name and name begin like this; the accounts of a clinic are few."""
    people = User.objects.order_by("pk").values_list("pk", "username", "full_name")
    typed = typed.casefold()
    return [pk for pk, *named in people if " ".join(named).casefold().startswith(typed)]


def _patient(wanted: dict) -> UUID | None:
    return subjects.id_of(wanted["number"]) if wanted["number"] else wanted["patient"]


def _older_than(entries, number: int):
    entry = AuditEntry.objects.filter(pk=number).only("timestamp").first()
    if entry is None:
        return entries.none()
    return entries.filter(timestamp__lte=entry.timestamp).exclude(
        timestamp=entry.timestamp, pk__gte=number
    )


def _within(entries, wanted: dict):
    since, until = wanted["since"], wanted["until"]
    if since:
        entries = entries.filter(timestamp__gte=moment(since, time.min))
    if until:
        entries = entries.filter(timestamp__lte=moment(until, time.max))
    if wanted["night"] and since and until:
        entries = entries.filter(at_night(since, until))
    return entries


def about(entries, patient: UUID):
    """Entries about one patient, also those that list many of them."""
    return entries.filter(Q(subject=patient) | Q(pk__in=mentions.entries_of(patient)))


def at_night(since: date, until: date) -> Q:
    """Between 22:00 and 06:00 of these days, a month at most. By moments: see moment."""
    days = min((until - since).days, MOST_NIGHTS - 1)
    wanted = Q(pk__lt=0)
    for ahead in range(days + 1):
        day = since + timedelta(days=ahead)
        wanted |= Q(timestamp__gte=moment(day, time.min), timestamp__lt=moment(day, MORNING)) | Q(
            timestamp__gte=moment(day, EVENING), timestamp__lte=moment(day, time.max)
        )
    return wanted


def in_words(entry: AuditEntry) -> AuditEntry:
    """The entry with what the auditor's table shows: event, thing, fields and roles in words."""
    names = set(entry.actor_roles.split(","))
    entry.role_words = " ".join(str(role.label) for role in Role if role.value in names)
    entry.outcome_word = "" if entry.outcome in ("ok", entry.event) else entry.get_outcome_display()
    entry.event_word = EVENT_LABELS.get(entry.event, entry.event)
    model = entry.content_type.model_class() if entry.content_type_id else None
    kind = kind_word(model) if model else ""
    screen = str(SCREEN_LABELS.get(entry.screen) or admin_screen(entry.screen))
    entry.thing = f"{kind} {thing_word(entry.object_repr)}".strip() or screen
    entry.field_words = field_words(model, entry.changes or {})
    told = own_words(entry, model)
    if told:
        entry.thing, entry.field_words = screen, told
    if entry.event == "break_glass":
        entry.thing, entry.field_words = "", glass.told(entry)
    if entry.event == "roles":
        entry.field_words = _changed_roles(entry.additional_data or {})
    return entry


def _changed_roles(data: dict) -> str:
    """+Cashier −Nurse."""
    words = {role.value: str(role.label) for role in Role}
    signs = [("+", data.get("added", [])), ("−", data.get("removed", []))]
    return " ".join(sign + words.get(name, name) for sign, names in signs for name in names)


def with_numbers(entries: list[AuditEntry]) -> list[AuditEntry]:
    """The entries in words, each with the number of the patient it is about."""
    numbers = subjects.numbers_of(entry.subject for entry in entries if entry.subject)
    for entry in entries:
        in_words(entry).patient_number = numbers.get(entry.subject, "")
    return entries
