"""A doctor of the benchmark's own, five harmless drugs, and a sheet of them ready at the window."""

import datetime
from decimal import Decimal

DOCTOR = "bigday"
DRUGS = 5
STOCK = 100_000  # units of each


def doctor():
    """With a session of today that never fills up; made once in each installation."""
    from registration.models import Clinician
    from security.models import User
    from security.permissions import Role
    from security.roles import set_roles
    from tests.factories.registration import open_session

    user = User.objects.filter(username=DOCTOR).first()
    if user is None:
        user = User.objects.create_user(DOCTOR, full_name="何大忙", must_change_password=False)
        set_roles(user=user, roles={Role.DOCTOR.value}, by=None)
        usual = Clinician.objects.order_by("pk").first()
        Clinician.objects.create(
            user=user, letter="Y", department=usual.department, room=usual.room,
            title="attending", licence_no="110320582000009",
        )  # fmt: skip
    user = User.objects.get(pk=user.pk)
    today = user.clinician.sessions.filter(date=datetime.date.today()).first()
    return today or open_session(user, quota=30_000)


def drugs(keeper, accepter) -> list:
    """On the shelf; nothing speaks against them together."""
    from pharmacy import stock
    from pharmacy.deliveries import Acceptance
    from pharmacy.models import Drug, Supplier
    from tests.factories.pharmacy import DrugFactory

    there = list(Drug.objects.filter(code__startswith="BIG").order_by("code"))
    if there:
        return there
    made = [
        DrugFactory(
            code=f"BIG{n}", generic_name=f"常用片{n}号", initials=f"CYP{n}H", subcategory="",
            dosage_form="片剂", strength="30mg/片", content=Decimal(30), content_unit="mg",
            pack_spec="30mg×20片/盒", base_unit="片", units_per_pack=20, usual_dose="30mg",
            usual_frequency="tid", antibiotic_grade="非抗菌药物", ingredients=f"常用{n}",
            class_tags="", lower_limit=0, upper_limit=2 * STOCK,
        )
        for n in range(DRUGS)
    ]  # fmt: skip
    line = {"lot": "BIG", "quantity": STOCK, "cost": Decimal("7.20")}
    line["expires_on"] = datetime.date.today() + datetime.timedelta(days=700)
    stock.receive(
        supplier=Supplier.objects.order_by("pk").first(),
        lines=[{**line, "drug": drug} for drug in made],
        acceptance=Acceptance(accepted_by=accepter),
        by=keeper,
    )
    return made


def ready(session, patient, drugs: list, *, desk, reviewer):
    """Registered, called, seen, written, submitted and reviewed."""
    from prescriptions import review, services
    from registration import consultation
    from registration.booking import register_visit
    from registration.models import Registration
    from registration.queue import call_next

    by = session.clinician.user
    visit = register_visit(patient=patient, session=session, by=desk, reason="emergency")
    while call_next(clinician=session.clinician, by=by) != visit:
        pass
    visit = Registration.objects.get(pk=visit.pk)
    record = consultation.start(registration=visit, by=by)
    consultation.add_diagnosis(consultation=record, code="J20.9", by=by)
    sheet = services.start(consultation=record, by=by)
    usage = {"dose": Decimal(30), "dose_unit": "mg", "route": "1", "frequency": "tid", "days": 3}
    for drug in drugs:
        services.add_item(prescription=sheet, drug=drug, by=by, **usage)
    sheet = services.submit(prescription=sheet, by=by)
    sheet = review.approve(prescription=sheet, by=reviewer)
    record.refresh_from_db()
    consultation.save_record(
        consultation=record, version=record.version, by=by, complaint="咳嗽 3 天"
    )
    record.refresh_from_db()
    consultation.finish(consultation=record, by=by)
    sheet.refresh_from_db()
    return sheet
