"""The pictures of the help page, drawn anew from a practice clinic's pages and its invented people:

    python -m tests.browser.help_pictures [TOPIC ...]

The next step's button is framed. Each picture is small, for the help page shows one at a time.
"""

import base64
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

import django

from tests import environment

FOLDER = Path(__file__).resolve().parents[2] / "static" / "img" / "help"
WIDTH, HEIGHT, QUALITY = 640, 360, 0.5
# Whose screen, and of which thing of the scene; the topic's own page.
PICTURES = {
    "login": ("", ""),
    "desk": ("frontdesk", ""),
    "registration_new": ("frontdesk", "allergic"),
    "registration_later": ("frontdesk", "allergic"),
    "desk_bookings": ("frontdesk", ""),
    "triage": ("nurse", ""),
    "schedule": ("frontdesk", ""),
    "doctor_away": ("frontdesk", ""),
    "paper_numbers": ("frontdesk", ""),
    "registration_report": ("frontdesk", ""),
    "display": ("", ""),
    "patient_search": ("frontdesk", ""),
    "patient_new": ("frontdesk", ""),
    "patient_chart": ("doctor", "patient"),
    "patient_allergies": ("frontdesk", "allergic"),
    "patient_basics": ("nurse", "basics"),
    "duplicate_list": ("frontdesk", ""),
    "patient_import": ("frontdesk", ""),
    "patient_export": ("doctor", "patient"),
    "followup_list": ("nurse", ""),
    "followup_record": ("nurse", "follow_up"),
    "queue": ("doctor", ""),
    "consultation": ("doctor", "record"),
    "record_templates": ("doctor", ""),
    "report_list": ("doctor", ""),
    "prescription_edit": ("doctor", "draft"),
    "herbal_edit": ("doctor", "herbal"),
    "prescription_list": ("doctor", ""),
    "prescription_show": ("doctor", "dispensed"),
    "treatment_order": ("doctor", "treated"),
    "evaluation_list": ("pharmacist", ""),
    "review_list": ("pharmacist", ""),
    "review": ("pharmacist", "submitted"),
    "dispense_list": ("pharmacist", ""),
    "dispense": ("pharmacist", "approved"),
    "special_register": ("pharmacist", ""),
    "treatment_list": ("nurse", ""),
    "stock": ("storekeeper", ""),
    "stock_receive": ("storekeeper", ""),
    "stock_documents": ("storekeeper", ""),
    "stock_warnings": ("storekeeper", ""),
    "stock_takes": ("storekeeper", ""),
    "controlled_list": ("pharmacist", ""),
    "cold_list": ("storekeeper", ""),
    "drug_list": ("storekeeper", ""),
    "cashier": ("cashier", ""),
    "bill": ("cashier", "bill"),
    "shift": ("cashier", ""),
    "security_home": ("admin", ""),
    "audit_list": ("auditor", ""),
    "audit_week": ("auditor", ""),
}
FRAME = """() => {
  const button = document.querySelector("[data-key=F9]") || document.querySelector(".btn-primary");
  if (button) button.style.cssText += "outline: 8px solid #d08700; outline-offset: 4px";
}"""
SMALLER = """([png, width, height, quality]) => new Promise(resolve => {
  const image = new Image();
  image.onload = () => {
    const canvas = document.createElement("canvas");
    canvas.width = width; canvas.height = height;
    const brush = canvas.getContext("2d");
    brush.imageSmoothingQuality = "high";
    brush.drawImage(image, 0, 0, width, height);
    resolve(canvas.toDataURL("image/webp", quality).split(",")[1]);
  };
  image.src = "data:image/png;base64," + png;
})"""


def main(wanted: list[str]) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "clinic.settings"
    django.setup()
    root = Path(tempfile.mkdtemp(prefix="clinic-help-"))
    try:
        draw(root, wanted or list(PICTURES))
    finally:
        shutil.rmtree(root, ignore_errors=True)
        shutil.rmtree(environment.ROOT, ignore_errors=True)
    total = sum(path.stat().st_size for path in FOLDER.glob("*.webp"))
    print(f"{len(list(FOLDER.glob('*.webp')))} pictures, {total / 1024:.0f} KB")


def draw(root: Path, wanted: list[str]) -> None:
    from playwright.sync_api import sync_playwright

    from tests.browser import installation
    from tests.browser.conftest import FLAGS, in_the_clinic
    from tests.browser.people import Staff

    clinic = installation.install(root)
    process = installation.serve(clinic)
    try:
        scene = json.loads(in_the_clinic(clinic, "tell()"))
        trust = f"--ignore-certificate-errors-spki-list={clinic.key_fingerprint}"
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=[*FLAGS, trust]
            )
            staff, blank = Staff(browser, clinic, {}), browser.new_page()
            for topic in wanted:
                picture(staff, blank, topic, scene)
            browser.close()
    finally:
        installation.stop(process)


def picture(staff, blank, topic: str, scene: dict) -> None:
    who, of = PICTURES[topic]
    person = staff(who) if who else staff.stranger()
    page = person.open(topic, *([scene[of]] if of else []))
    page.evaluate(FRAME)
    png = base64.b64encode(page.screenshot()).decode()
    small = blank.evaluate(SMALLER, [png, WIDTH, HEIGHT, QUALITY])
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{topic}.webp").write_bytes(base64.b64decode(small))
    print(topic, f"{(FOLDER / f'{topic}.webp').stat().st_size / 1024:.1f} KB")


if __name__ == "__main__":
    main(sys.argv[1:])
