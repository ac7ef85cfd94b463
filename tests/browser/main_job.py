"""The clinic's main job from the desk to the audit log, as six people and a screen on the wall.

Every step is asserted from what stands on somebody's screen. The same walk is done with scripts,
without them, and by people who press every button twice.
"""

import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.urls import reverse
from playwright.sync_api import Locator, expect

from tests.browser import work
from tests.browser.people import Person, Staff, click
from tests.browser.words import like, named, told, zh
from tests.browser.work import Row, Someone

DOCTOR = "林海生"
PENICILLIN = ("青霉素", "过敏性休克", "Severe")
SECRETS = ["青霉素", "过敏性休克", "咳嗽", "支气管炎", "阿奇霉素"]
A5 = (419.5, 595.3)  # points
RETURNED_BECAUSE = "氨溴索疗程偏长，建议改为3天"


@dataclass
class Walk:
    """One patient's way through the clinic."""

    staff: Staff
    patient: Someone
    shots: bool = False
    options: dict | None = None  # of everybody's browser context
    press_button: Callable[[Locator], None] = click
    number: str = ""
    visit: str = ""
    prescription: str = ""

    def person(self, name: str) -> Person:
        found = self.staff(name, **(self.options or {}))
        found.press_button = self.press_button
        return found

    def shot(self, who: str, title: str) -> None:
        if self.shots:
            self.person(who).shot(title)

    # 1

    def arrive(self) -> None:
        """The desk finds no file, opens one, and gives out a number."""
        desk = self.person("frontdesk")
        work.search(desk, self.patient.initials)
        expect(desk.page.get_by_role("heading", name=zh("Nobody found"))).to_be_visible()
        self.shot("frontdesk", "01-nobody-found")
        desk.press("Open a file with what was typed")
        work.open_file(desk, self.patient)
        if desk.has_scripts:
            expect(desk.page.get_by_label(named("Date of birth"))).to_have_value(
                self.patient.birth_date
            )
            sex = zh("Female" if self.patient.woman else "Male")
            expect(desk.page.get_by_role("radio", name=sex)).to_be_checked()
        self.shot("frontdesk", "02-new-file")
        desk.press("Save and register a visit")
        work.expect_allergies(desk, self.patient)
        expect(desk.page.locator("#work")).to_contain_text("女" if self.patient.woman else "男")
        self.shot("frontdesk", "03-register")
        self.number = work.register(desk, DOCTOR)
        self.shot("frontdesk", "04-slip")
        slip = desk.page.locator(".slip")
        for words in (
            "青溪社区卫生服务站",
            self.masked,
            "1诊室",
            DOCTOR,
            "全科",
            "过号请到前台召回",
        ):
            expect(slip).to_contain_text(words)
        expect(slip).not_to_contain_text(self.patient.id_number[:6])

    @property
    def masked(self) -> str:
        """The name as strangers may read it (R-97)."""
        name = self.patient.name
        return name[0] + "*" * (len(name) - 2 or 1) + (name[-1] if len(name) > 2 else "")

    # 2

    def be_called(self) -> None:
        """The number stands on the screen, at first among the next, then with the masked name."""
        screen, doctor = self.person("screen"), self.person("doctor")
        screen.open("display_all")
        expect(screen.page.locator(".next")).to_contain_text([self.number])
        work.call(doctor, self.number)
        self.shot("doctor", "05-called")
        work.see_on_screen(screen, self.number)
        row = screen.page.locator("tr.is-called", has_text=self.number)
        expect(row).to_contain_text(self.masked)
        expect(screen.page.locator("body")).not_to_contain_text(self.patient.name)
        self.shot("screen", "06-waiting-room")

    def be_seen(self) -> None:
        """The doctor sees the allergies first and writes the record; a reload keeps all of it."""
        doctor = self.person("doctor")
        work.start(doctor)
        work.expect_allergies(doctor, self.patient)
        first = doctor.page.locator(".patient").locator("> *").first
        expect(first).to_have_class(re.compile(r"\ballergy\b"))
        work.write_record(
            doctor,
            {"Temperature": "37.8", "Systolic pressure": "128", "Diastolic pressure": "82"},
            {
                "Complaint": "咳嗽、咳黄痰5天",
                "Illness": "5天前受凉后咳嗽，咳黄痰，无胸痛气促。",
                "Findings": "咽部充血，双肺呼吸音粗，未闻及啰音。",
            },
        )
        work.add_diagnosis(doctor, "JXZQGY", "急性支气管炎")
        chips = doctor.page.locator(".chips .chip")
        expect(chips).to_have_count(1)
        expect(chips).to_contain_text("J20.9")
        self.shot("doctor", "07-consultation")
        doctor.page.reload()
        expect(doctor.page.get_by_label(named("Complaint"))).to_have_value("咳嗽、咳黄痰5天")
        expect(doctor.page.locator(".vitals")).to_contain_text("37.8")
        self.visit = doctor.page.url

    # 3

    def be_prescribed(self) -> None:
        """Penicillin is refused with the reason and an alternative; what is right goes through."""
        doctor = self.person("doctor")
        work.write_prescription(doctor)
        work.add_row(doctor, Row("AMXL", "阿莫西林胶囊", "0.5g", "每日3次", "7"))
        stop = doctor.page.locator(".stop").first
        expect(stop).to_contain_text("青霉素")
        self.shot("doctor", "08-refused")
        work.submit_in_vain(doctor)
        use = stop.get_by_role("button", name=like("Use %(drug)s instead"))
        use = use.or_(stop.get_by_role("link", name=like("Use %(drug)s instead")))
        expect(use).to_contain_text(re.compile(r"\d"))  # with its stock
        work.press_or_follow(doctor, use)
        expect(doctor.page.locator(".stop")).to_have_count(0)
        work.add_row(doctor, Row("AXS", "盐酸氨溴索片", "30mg", "每日3次", "5"))
        work.expect_row(doctor, "盐酸氨溴索片", "15片")
        work.expect_quantity_asked(
            doctor, Row("BLFHXY", "布洛芬混悬液", "10ml", "每日3次", "3", "1瓶")
        )
        self.shot("doctor", "09-prescription")
        work.submit(doctor)
        self.prescription = work.number_of_prescription(doctor)

    # 4

    def be_reviewed(self) -> None:
        """Returned once with a reason, corrected by the doctor, then approved."""
        pharmacist, doctor = self.person("pharmacist"), self.person("doctor")
        work.open_from_queue(pharmacist, "review_list", self.patient.name)
        work.expect_allergies(pharmacist, self.patient)
        self.shot("pharmacist", "10-review")
        pharmacist.fill("Reason for the return", RETURNED_BECAUSE)
        pharmacist.press("Return to the doctor")
        doctor.page.goto(self.visit)
        expect(doctor.page.locator("#work")).to_contain_text(RETURNED_BECAUSE)
        self.shot("doctor", "11-returned")
        doctor.follow("Go on writing")
        work.change_row(doctor, "盐酸氨溴索片", {"Days": "3"})
        work.expect_row(doctor, "盐酸氨溴索片", "9片")
        work.submit(doctor)
        work.open_from_queue(pharmacist, "review_list", self.patient.name)
        expect(pharmacist.page.locator("#work")).to_contain_text(work.spaced("9片"))
        pharmacist.press("Approve")

    def be_given_the_drugs(self) -> None:
        """The other pharmacist hands out; the shelf has less of the batch that expires first."""
        second, keeper = self.person("pharmacist2"), self.person("storekeeper")
        before = work.batches(keeper, "盐酸氨溴索片")
        work.open_from_queue(second, "dispense_list", self.patient.name)
        picked = second.page.locator(".batch", has_text="盐酸氨溴索片")
        first_to_expire = min((b for b in before if b.pieces), key=lambda b: b.expires)
        expect(picked.locator(".pick").first).to_contain_text(first_to_expire.lot)
        self.shot("pharmacist2", "12-dispensing")
        second.press("Hand out")
        after = work.batches(keeper, "盐酸氨溴索片")
        assert work.issued(before, after) == work.first_expiry_first(before, 9)
        self.shot("storekeeper", "13-stock")

    # 5

    def be_on_paper(self, folder: Path) -> None:
        """The sheet in the legal layout, A5, and the visit with its medication in the chart."""
        doctor = self.person("doctor")
        doctor.page.goto(self.visit)
        doctor.press("Finish only")
        doctor.open("prescription_list")
        row = doctor.page.get_by_role("row").filter(has_text=self.patient.name)
        expect(row).to_have_count(1)
        doctor.follow("Look at it", row)
        doctor.follow("Print")
        self.shot("doctor", "14-prescription-sheet")
        words = paper(doctor, folder / "prescription.pdf", A5)
        for word in LEGAL_WORDS + [self.patient.name, self.prescription, DOCTOR, "急性支气管炎"]:
            assert word in words, f"{word} is missing on the sheet"
        self.chart(doctor)

    def chart(self, doctor: Person) -> None:
        work.search_from_list(doctor, self.patient.initials)
        rows = doctor.page.get_by_role("row").filter(has_text=self.patient.name)
        expect(rows).to_have_count(1)
        doctor.follow("Chart", rows)
        for words in ("急性支气管炎", "J20.9", "盐酸氨溴索片", work.spaced("9片"), zh("Dispensed")):
            expect(doctor.page.locator("#work")).to_contain_text(words)
        self.shot("doctor", "15-chart")

    # 6

    def be_accounted_for(self) -> None:
        """The auditor sees who read and changed what, and nothing of the patient's."""
        auditor = self.person("auditor")
        auditor.open("audit_list")
        line = auditor.page.get_by_role("row").filter(has_text=self.prescription)
        line.first.get_by_role("link").first.click()  # this patient alone
        self.shot("auditor", "16-audit-log")
        log = auditor.page.locator("table").inner_text()
        while (older := auditor.page.locator("a[rel=next]")).count():
            with auditor.page.expect_navigation():  # the morning stands on the last page
                older.click()
            log += auditor.page.locator("table").inner_text()
        for words in ("马丽", DOCTOR, "许文娟", "高峰", zh("Read"), zh("Changed"), zh("Created")):
            assert words in log, f"{words} is missing in the audit log"
        for words in [*SECRETS, self.patient.name, self.patient.id_number, self.patient.phone]:
            assert words not in auditor.text(), f"the audit log tells {words}"

    # another patient: penicillin is allowed, and waits for the skin test

    def be_tested(self) -> None:
        """Ordered, submitted, kept back while it is pending, handed out after it (R-45)."""
        doctor, nurse, second = map(self.person, ("doctor", "nurse", "pharmacist2"))
        work.write_prescription(doctor)
        work.add_row(doctor, Row("AMXL", "阿莫西林胶囊", "0.5g", "每日3次", "5"))
        work.submit_in_vain(doctor)  # its skin test is not decided yet
        work.note_skin_test(doctor, "Skin test pending")
        self.shot("doctor", "20-skin-test-ordered")
        work.submit(doctor)
        work.open_from_queue(self.person("pharmacist"), "review_list", self.patient.name)
        self.person("pharmacist").press("Approve")
        work.open_from_queue(second, "dispense_list", self.patient.name)
        second.insist("Hand out")
        expect(second.page.locator("#work")).to_contain_text(zh("Skin test pending"))
        expect(second.page.get_by_role("button", name=named("Hand out"))).to_be_visible()
        self.shot("pharmacist2", "21-waits-for-skin-test")
        nurse.open("skin_test_list")
        waiting = nurse.page.get_by_role("listitem").filter(has_text=self.patient.name)
        work.note_paper_test(nurse, "Negative", waiting)
        self.shot("nurse", "22-skin-test-read")
        work.open_from_queue(second, "dispense_list", self.patient.name)
        second.press("Hand out")
        second.open("dispense_list")
        expect(second.page.locator(".queue-list")).not_to_contain_text(self.patient.name)


def administer(staff: Staff) -> None:
    """The administrator takes on a nurse, who signs in; and changes how the site works."""
    admin = staff("admin")
    admin.open("admin:security_user_add")
    admin.page.locator("#id_username").fill("nurse9")
    admin.page.locator("#id_full_name").fill("何静")
    admin.page.get_by_role("checkbox", name=zh("Nurse")).check()
    admin.press_named("_save")
    shown = admin.page.locator(".messagelist li").first.inner_text()
    assert shown.startswith("一次性密码（nurse9）"), shown
    password = told("One-time password of %(name)s: %(password)s. It is shown only now.", shown)[
        "password"
    ]
    admin.shot("30-new-person")
    newcomer = staff.stranger("nurse9")
    newcomer.sign_in(password)
    assert newcomer.page.url.endswith(reverse("password_change"))
    admin.open("admin:core_setting_add")
    admin.page.locator("#id_key").select_option("queue.priority_age")
    admin.page.locator("#id_value").fill("70")
    admin.press_named("_save")
    expect(admin.page.locator("#result_list")).to_contain_text("70")
    admin.shot("31-settings")


LEGAL_WORDS = [
    *("青溪社区卫生服务站", "处方笺", "费别", "姓名", "性别", "年龄", "病历号", "科别"),
    *("临床诊断", "开具日期", "Rp", "以下空白", "过敏史", "青霉素", "医师", "药品金额"),
    *("审核", "调配", "核对", "发药", "盐酸氨溴索片", "30mg", "Sig.", "许文娟", "高峰"),
]


def paper(person: Person, path: Path, size: tuple[float, float]) -> str:
    """Print the page as it stands; one sheet of this size, and the words on it."""
    person.page.pdf(path=path, prefer_css_page_size=True)
    facts = subprocess.run(["pdfinfo", path], capture_output=True, text=True, check=True).stdout
    pages = re.search(r"^Pages:\s+(\d+)$", facts, re.MULTILINE)[1]
    width, height = re.search(
        r"^Page size:\s+([\d.]+) x ([\d.]+) pts", facts, re.MULTILINE
    ).groups()
    assert pages == "1"
    assert abs(float(width) - size[0]) < 2 and abs(float(height) - size[1]) < 2
    words = subprocess.run(
        ["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True
    )
    return words.stdout
