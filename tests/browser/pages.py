"""Every page there is, who looks at it, and how to come to it."""

import datetime
from collections.abc import Callable

from django.urls import reverse
from django.utils.translation import override

from security.views_accounts import CodeForm
from tests.browser import till
from tests.browser.installation import NAME
from tests.browser.pages_of_files import FILES
from tests.browser.people import Person
from tests.browser.served import drawn
from tests.browser.shown import Shown
from tests.factories.supplier_list import as_csv

TOMORROW = datetime.date.today() + datetime.timedelta(days=1)


PAGES = [
    Shown("", "login"),
    Shown("", "display"),
    Shown("", "booking"),
    Shown("", "booking_doctors", "online_department"),
    Shown("", "booking_times", "online_session"),
    Shown("", "booking_person", "online_session", query="?time=08:00"),
    Shown("", "booking_mine"),
    Shown("", "display_all"),
    Shown("", "display_area", "area"),
    Shown("", "display_place", "place"),
    Shown("", "display_opinion", "place"),
    Shown("", "other_pcs"),
    # the house
    Shown("frontdesk", "password_change"),
    Shown("frontdesk", "switch"),
    Shown("frontdesk", "pin_set"),
    Shown("frontdesk", "my_sessions"),
    Shown("frontdesk", "my_keys"),
    Shown("frontdesk", "second_step_setup"),
    Shown("frontdesk", "help"),
    Shown("pharmacist", "help_of", "help_topic"),
    Shown("doctor", "help_card", "card"),
    Shown("auditor", "audit_list"),
    Shown("admin", "security_home"),
    Shown("admin", "support"),
    Shown("admin", "guide", query="?all=1"),
    Shown("admin", "guide_step", "guide_people"),
    Shown("frontdesk", "printing"),
    Shown("frontdesk", "printing_test", "slip_sheet"),
    Shown("auditor", "audit_week"),
    Shown("auditor", "security_daily"),
    Shown("auditor", "seal_compare"),
    Shown("auditor", "seal_compare", query="?number=1&digits=000000000000"),
    *FILES,
    Shown("cashier", "patient_search"),
    Shown("cashier", "cashier"),
    Shown("cashier", "bill", "bill"),
    Shown("cashier", "receipt_show", "receipt"),
    Shown("cashier", "receipt_paper", "receipt"),
    Shown("cashier", "receipt_refund", "receipt"),
    # registration
    Shown("frontdesk", "desk"),
    Shown("nurse", "desk"),
    Shown("frontdesk", "registration_new", "allergic"),
    Shown("frontdesk", "slip", "waiting"),
    Shown("frontdesk", "registration_cancel", "waiting"),
    Shown("nurse", "vitals", "waiting"),
    Shown("nurse", "triage_visit", "waiting"),
    Shown("doctor2", "visit_hand_over", "waiting"),
    Shown("admin", "begun_cancel"),
    Shown("frontdesk", "schedule"),
    Shown("frontdesk", "schedule", query="?by=room"),
    Shown("frontdesk", "schedule_cell", query=f"?clinician=1&day={TOMORROW}&period=am"),
    Shown("frontdesk", "week_plan"),
    Shown("admin", "week_plan", query="?clinician=1&weekday=2&period=pm"),
    Shown("frontdesk", "holiday_list"),
    Shown("frontdesk", "doctor_away"),
    Shown("nurse", "stopped_list"),
    Shown("frontdesk", "registration_later", "allergic"),
    Shown("doctor", "registration_later", "patient"),
    Shown("frontdesk", "registration_rebook", "waiting"),
    Shown("frontdesk", "desk_bookings"),
    Shown("frontdesk", "desk_booking", "booking"),
    Shown("frontdesk", "booking_rebook", "booking"),
    Shown("frontdesk", "paper_numbers"),
    Shown("frontdesk", "paper_print", query="?sheet=1"),
    Shown("frontdesk", "paper_entry"),
    Shown("frontdesk", "registration_report"),
    Shown("frontdesk", "no_shows"),
    Shown("doctor", "outpatient_log"),
    Shown("doctor", "outpatient_log", query="?as=print"),
    Shown("doctor", "waiting_times", query="?group=both"),
    Shown("admin", "statistics"),
    Shown("doctor", "statistics", query="?as=print"),
    Shown("doctor", "statistics_figure", "figure"),
    Shown("doctor", "statistics_files"),
    Shown("doctor", "queue"),
    Shown("doctor2", "queue"),
    Shown("doctor", "consultation", "record"),
    Shown("doctor", "consultation", "finished"),
    Shown("doctor", "record_print", "finished"),
    Shown("doctor", "record_print", "finished", query="?paper=a5&copy=1"),
    Shown("doctor", "sick_note_print", "finished"),
    Shown("doctor", "referral_print", "finished"),
    Shown("doctor", "consultation", "signed"),
    Shown("doctor", "record_print", "signed"),
    Shown("doctor", "record_correct", "signed"),
    Shown("doctor", "record_history", "signed"),
    Shown("doctor", "countersign_list"),
    Shown("doctor", "countersign", "assistants"),
    Shown("doctor", "report_list"),
    Shown("doctor", "report_duty", "duty"),
    Shown("doctor", "report_card", "duty"),
    Shown("doctor", "record_templates"),
    Shown("doctor", "record_template_new"),
    Shown("doctor", "record_template", "template"),
    # pharmacy
    Shown("storekeeper", "stock"),
    Shown("pharmacist", "stock", query="?show=low"),
    Shown("storekeeper", "stock_receive"),
    Shown("storekeeper", "stock_ledger", "batch"),
    Shown("storekeeper", "stock_document", "document"),
    Shown("storekeeper", "stock_warnings"),
    Shown("storekeeper", "stock_orders"),
    Shown("storekeeper", "stock_report"),
    Shown("storekeeper", "stock_report", query="?since=2026-01-01&group=kind"),
    Shown("storekeeper", "stock_report_of", "near_report"),
    Shown("storekeeper", "stock_report_of", "drugs_report"),
    Shown("storekeeper", "drug_ledger", "drug"),
    Shown("storekeeper", "stock_documents"),
    Shown("storekeeper", "stock_document", "paper"),
    Shown("pharmacist", "stock_document", "paper"),
    Shown("storekeeper", "stock_paper_new", "paper_kind"),
    Shown("storekeeper", "stock_paper_edit", "paper"),
    Shown("storekeeper", "stock_paper_edit", "paper", query="?q=s"),
    Shown("pharmacist", "stock_return", "dispensing"),
    Shown("storekeeper", "stock_document_print", "document"),
    Shown("storekeeper", "drug_list"),
    Shown("storekeeper", "drug_show", "drug"),
    Shown("storekeeper", "stock_takes"),
    Shown("storekeeper", "stock_take_new"),
    Shown("storekeeper", "stock_take", "take"),
    Shown("pharmacist", "stock_take_count", "take"),
    Shown("pharmacist", "stock_take_count", "take", query="?at="),
    Shown("pharmacist", "stock_take_found", "take"),
    Shown("storekeeper", "stock_take_sheet", "take"),
    Shown("storekeeper", "stock_take", "take_counted"),
    Shown("storekeeper", "stock_take", "take_posted"),
    Shown("storekeeper", "stock_take_result", "take_posted"),
    # held back, controlled, cold
    Shown("storekeeper", "recall_list"),
    Shown("storekeeper", "recall_new"),
    Shown("storekeeper", "recall_show", "recall"),
    Shown("storekeeper", "stock_ledger", "recalled_batch"),
    Shown("pharmacist", "recall_patients", "recall"),
    Shown("pharmacist", "recall_print", "recall"),
    Shown("pharmacist", "lot_patients", "recalled_batch"),
    Shown("pharmacist", "controlled_list"),
    Shown("pharmacist", "controlled_book", "controlled"),
    Shown("pharmacist", "controlled_book_print", "controlled"),
    Shown("pharmacist", "handover_list"),
    Shown("pharmacist", "handover_new"),
    Shown("pharmacist", "handover_show", "handover"),
    Shown("storekeeper", "cold_list"),
    Shown("storekeeper", "cold_month", "fridge"),
    Shown("storekeeper", "cold_month_print", "fridge"),
    Shown("storekeeper", "cold_correct", "reading"),
    Shown("storekeeper", "cold_unit_new"),
    Shown("storekeeper", "cold_unit_edit", "fridge"),
    Shown("pharmacist", "drug_show", "drug"),
    Shown("admin", "drug_list", query="?only=skin&q=a"),
    Shown("storekeeper", "drug_new"),
    Shown("pharmacist", "drug_change", "drug"),
    Shown("storekeeper", "drug_groups"),
    Shown("storekeeper", "price_list"),
    Shown("storekeeper", "price_new"),
    Shown("storekeeper", "price_show", "price_document"),
    Shown("storekeeper", "price_print", "price_document"),
    Shown("storekeeper", "drug_import"),
    Shown("storekeeper", "drug_import_show", "list_read"),
    Shown("storekeeper", "drug_import_show", "list_checked"),
    Shown("storekeeper", "drug_import_show", "list_done"),
    # prescriptions
    Shown("doctor", "prescription_list"),
    Shown("doctor", "rule_table"),
    Shown("doctor", "set_list"),
    Shown("pharmacist", "set_list"),
    Shown("pharmacist", "alert_outcomes"),
    Shown("doctor", "prescription_edit", "draft"),
    Shown("doctor", "prescription_edit", "refused"),
    Shown("doctor", "prescription_edit", "returned"),
    Shown("doctor", "herbal_edit", "herbal"),
    Shown("doctor", "prescription_print", "herbal_approved"),
    Shown("doctor", "prescription_insist", "returned"),
    Shown("doctor", "prescription_countersign_list"),
    Shown("doctor", "prescription_countersign", "assistants_sheet"),
    Shown("doctor", "prescription_show", "dispensed"),
    Shown("doctor", "prescription_print", "dispensed"),
    Shown("doctor", "archive_list"),
    Shown("pharmacist", "prescription_register"),
    Shown("admin", "paper_layout"),
    *till.PAGES,
    Shown("pharmacist", "bag_labels", "dispensed"),
    Shown("pharmacist", "infusion_card", "infusion"),
    Shown("doctor", "prescription_print", "infusion"),
    Shown("pharmacist", "review_list"),
    Shown("pharmacist", "review", "submitted"),
    Shown("pharmacist", "dispense_list"),
    Shown("pharmacist", "dispense", "approved"),
    Shown("pharmacist", "dispense", "special"),
    Shown("pharmacist", "dispense", "part"),
    Shown("doctor", "prescription_show", "part"),
    Shown("doctor", "pain_file", "draft"),
    Shown("pharmacist", "prescription_return", "dispensed"),
    Shown("pharmacist", "special_register"),
    Shown("pharmacist", "special_register", query="?show=open"),
    Shown("pharmacist", "special_register_print"),
    *(Shown("nurse", name) for name in ("skin_test_list", "treatment_list", "treatment_day")),
    *(Shown("nurse", "treatment_turn", of) for of in ("turn", "turn_running", "turn_done")),
    Shown("doctor", "treatment_order", "treated"),
    Shown("nurse", "bottle_labels", "treatment"),
    Shown("pharmacist", "evaluation_list"),
    Shown("pharmacist", "evaluation_sheet", "dispensed"),
    Shown("pharmacist", "rx_compliance"),
    Shown("pharmacist", "rx_monthly_form"),
    Shown("pharmacist", "paper_sheets"),
    Shown("doctor", "evaluation_own"),
    Shown("pharmacist", "clinical_list"),
    Shown("pharmacist", "clinical_list", query="?tab=groups"),
    Shown("pharmacist", "clinical_import"),
]
# Answers to a poll, and addresses that only lead to a page.
PARTS = {"queue_fragment", "display_fragment", "healthz", "home"}
PARTS |= {"herb_suggest", "review_queue_rows", "cashier_rows", "treatment_rows"}
PARTS |= {"desk_rows", "queue_patients", "pharmacy_patients"}
PARTS |= {"booking_cancel", "booking_change", "triage"}
PARTS |= {"display_area_fragment", "display_place_fragment"}
PARTS |= {"consultation_finish", "diagnosis_remove", "kept", "second_step"}
PARTS |= {"new_recovery_codes", "audit_export", "cold_read"}
PARTS |= {"drug_check", "drug_stop", "drug_restart", "drug_control", "price_withdraw"}
PARTS |= {"new_recovery_codes", "audit_export", "drug_import_refused"}
PARTS |= {"patient_import_refused"}
PARTS |= {"patient_find", "followup_phones"}
PARTS |= till.PARTS
PARTS |= {"export_file", "printing_shortcut", "other_pcs_file"}
# The same parts as the import of drugs; a form of the library's fields.
PARTS |= {"clinical_import_show", "clinical_import_refused", "clinical_edit"}
NOON = datetime.datetime(2026, 3, 2, 12, tzinfo=datetime.UTC)
TITLES = [page.title for page in PAGES]


def not_found(person: Person, scene: dict) -> str:
    return person.page.goto("/no-such-page/").text()


def forbidden(person: Person, scene: dict) -> str:
    return person.page.goto(reverse("audit_list")).text()


def stale_form(person: Person, scene: dict) -> str:
    """A form whose page was open while the cookies went away."""
    person.open("password_change")
    person.context.clear_cookies(name=f"__Host-{NAME}-csrf")
    with person.page.expect_navigation() as waiting:
        person.page.locator("main form button[type=submit]").first.click()
    return waiting.value.text()


def wrong_password(person: Person, scene: dict) -> str:
    person.page.goto(reverse("login"))
    person.page.locator("#id_username").fill("nobody")
    person.page.locator("#id_password").fill("wrong")
    with person.page.expect_navigation() as waiting:
        person.page.keyboard.press("Enter")
    return waiting.value.text()


def answer(person: Person, press: Callable[[], None]) -> str:
    """The source of the page that this press brings up."""
    with person.page.expect_navigation() as waiting:
        press()
    return waiting.value.text()


def found(person: Person, scene: dict) -> str:
    person.open("patient_search")
    person.page.locator("#id_q").fill("gsz")
    return answer(person, lambda: person.page.keyboard.press("Enter"))


def nobody_found(person: Person, scene: dict) -> str:
    person.open("patient_search")
    person.page.locator("#id_q").fill("没有这个人")
    return answer(person, lambda: person.page.keyboard.press("Enter"))


def empty_file(person: Person, scene: dict) -> str:
    person.open("patient_new")
    return answer(person, lambda: person.page.keyboard.press("F9"))


def similar_file(person: Person, scene: dict) -> str:
    """Name, sex and date of birth of somebody on file (R-81)."""
    person.open("patient_new")
    for name, value in [("id_type", "98"), ("no_id_reason", "忘带证件"), ("name", "郭淑珍")]:
        field = person.page.locator(f"[name={name}]")
        field.select_option(value) if name == "id_type" else field.fill(value)
    person.page.locator("[name=birth_date]").fill("1971-07-10")
    person.page.locator("[name=phone]").fill("13900000099")
    for name in ("sex=2", "allergy_status=denied"):
        field, _, value = name.partition("=")
        person.page.locator(f"[name={field}][value='{value}']").check(force=True)
    person.page.locator("[name=notice_given]").check(force=True)
    return answer(person, lambda: person.page.keyboard.press("F9"))


def diagnoses_found(person: Person, scene: dict) -> str:
    person.open("consultation", scene["record"])
    person.page.locator("#id_dx").evaluate("field => { field.value = 'jx' }")
    return answer(person, lambda: person.page.locator("[name=find]").click())


def drugs_found(person: Person, scene: dict) -> str:
    person.open("prescription_edit", scene["draft"])
    person.page.locator("#id_drug_text").evaluate("field => { field.value = 'tb' }")
    return answer(person, lambda: person.page.locator("[name=find]").click())


def wrong_row(person: Person, scene: dict) -> str:
    person.open("prescription_edit", scene["draft"])
    return answer(person, lambda: person.page.locator("[name=save]").click())


def another_lot(person: Person, scene: dict) -> str:
    """Chosen at the window without a reason (R-112)."""
    person.open("dispense", scene["approved"])
    row = person.page.locator(".other-batch").first
    row.locator("summary").click()
    row.locator("input.w-q").last.fill("1盒")
    return answer(person, lambda: person.page.keyboard.press("F9"))


def only_a_form(person: Person, scene: dict) -> str:
    return person.page.goto(reverse("drug_restart", args=[scene["drug"]])).text()


def list_read(person: Person, scene: dict) -> str:
    """Two rows of a file, one in pieces; then the second, which nobody knows, is refused."""
    rows = [
        ["品名", "规格", "批号", "有效期至", "单位", "数量", "单价"],
        ["阿莫西林胶囊", "0.25g*24粒", "L1", "2029-05", "粒", "48", "0.30"],
        ["未订购的药", "", "", "", "盒", "2", ""],
    ]
    page = person.open("stock_receive")
    page.locator("details:has([name=file]) > summary").click()
    file = {"name": "list.csv", "mimeType": "text/csv", "buffer": as_csv(rows)}
    page.locator("[name=file]").set_input_files([file])
    answer(person, page.locator("[name=do][value=file]").click)
    return answer(person, page.locator("[name=do][value='refuse:2']").click)


def rendered(template: str, status: int, **context) -> Callable[[Person, dict], str]:
    """A page that only a fault brings up: the template's own words under the real origin."""

    def show(person: Person, scene: dict) -> str:
        with override("zh-hans"):
            source = drawn(template, context, person.clinic.root)
        person.page.route(
            f"**/{template}",
            lambda route: route.fulfill(status=status, body=source, content_type="text/html"),
        )
        person.page.goto(f"/{template}")
        return source

    return show


# Pages without an address of their own: what comes back when something is wrong.
ANSWERS: dict[str, tuple[str, Callable[[Person, dict], str]]] = {
    "404": ("doctor", not_found),
    "403": ("frontdesk", forbidden),
    "403 stale form": ("frontdesk", stale_form),
    "login, wrong password": ("", wrong_password),
    "patients found": ("frontdesk", found),
    "nobody found": ("frontdesk", nobody_found),
    "new file, empty": ("frontdesk", empty_file),
    "new file, similar one there": ("frontdesk", similar_file),
    "diagnoses found": ("doctor", diagnoses_found),
    "drugs found": ("doctor", drugs_found),
    "row in work, wrong": ("doctor", wrong_row),
    "another lot, no reason": ("pharmacist", another_lot),
    "405": ("pharmacist", only_a_form),
    "supplier's list read, a line refused": ("pharmacist2", list_read),
    "400": ("", rendered("400.html", 400)),
    "500": ("", rendered("500.html", 500, reference="3F9A21C0")),
    "503": ("", rendered("503.html", 503)),
    # Nobody of the demo clinic has codes, and who set them up could not be let out again.
    "second step": ("", rendered("security/second_step.html", 200, form=CodeForm(), now=NOON)),
}
