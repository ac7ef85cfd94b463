"""One thing in every state that a page can show, made by the verbs of the people who work here.

Runs inside an installation with the demo accounts:
`manage.py shell -c "from tests.factories.scene import tell; tell()"` prints the ids as JSON.
"""

import datetime
import json
from decimal import Decimal

from django.utils import timezone

from patients.models import AllergyStatus, IdType, Payment, Sex
from patients.services import register
from pharmacy import papers
from pharmacy.models import Drug, StockDocument
from pharmacy.stock import receive
from prescriptions import archive, dispensing, herbal, review, services, treatments, turns
from prescriptions.dictionary import routes
from prescriptions.models import Prescription, TreatmentService
from prescriptions.printing_infusion import DRIP
from prescriptions.treatment_services import load_treatment_services
from registration import online_offers
from registration.booking import cancel_visit, register_visit
from registration.consultation import add_diagnosis, finish, save_record, start
from registration.models import Area, Call, Period, Registration, Room, Session
from registration.moves import move
from registration.place import token_of
from registration.queue import line_of, pass_over
from registration.quota import openings, taken
from registration.record_templates import keep_record
from registration.scheduling import open_sessions_now
from registration.states import VisitState
from security.audit import acting_as
from security.models import User
from tests.factories import (
    file_scene,
    held_back,
    patient_lists,
    signed_scene,
    tables,
    takes,
    till_scene,
    window_scene,
)
from tests.factories.patients import id_number
from tests.factories.registration import online_booking

MOUTH = next(code for code, route in routes().items() if route.name == "口服")
VITALS = {"temperature": Decimal("37.8"), "systolic": Decimal(128), "diastolic": Decimal(82)}


def user(name: str) -> User:
    return User.objects.get(username=name)


def person(name: str, serial: int, **more):
    """A patient with a full file; `serial` keeps document numbers apart."""
    born = datetime.date(1971, 6, 3) + datetime.timedelta(days=37 * serial)
    file = {
        "name": name,
        "sex": Sex.FEMALE.value,
        "birth_date": born,
        "id_type": IdType.RESIDENT.value,
        "id_number": id_number(born, serial, area=320583),
        "phone": f"1390000{serial:04d}",
        "address": "青溪镇北桥村12组36号",
        "payment": Payment.RESIDENT.value,
        "notice_given": True,
        "allergy_status": AllergyStatus.DENIED.value,
    }
    return register(by=user("frontdesk"), **{**file, **more})


def session_of(doctor: str) -> Session:
    return next(s for s in open_sessions_now() if s.clinician.user.username == doctor)


def visit(patient, doctor: str = "doctor") -> Registration:
    """A number for this doctor's session, waiting."""
    return register_visit(patient=patient, session=session_of(doctor), by=user("frontdesk"))


def called(registration: Registration) -> Registration:
    """Called out of turn: whoever else waits stays where they are."""
    doctor = registration.session.clinician
    registration.called_times, registration.first_called_at = 1, timezone.now()
    move(registration, VisitState.CALLED)
    registration.save()
    Call.objects.create(
        registration=registration, room=registration.session.room, called_by=doctor.user
    )
    return registration


def consultation(patient, doctor: str = "doctor"):
    """An open visit with vital signs, complaint and a diagnosis."""
    by = user(doctor)
    record = start(registration=called(visit(patient, doctor)), by=by)
    opened = {"consultation": record, "version": record.version}
    record = save_record(
        **opened,
        vitals=VITALS,
        complaint="咳嗽、咳痰3天",
        present_illness="3天前受凉后咳嗽，咳白黏痰，无胸痛。",
        examination="咽部充血，双肺呼吸音粗。",
        advice="多饮水，休息。",
        by=by,
    )
    return add_diagnosis(consultation=record, code="J20.9", by=by)


def afterwards(record):
    """A sick note, a referral and a follow-up in an open record."""
    today = timezone.localdate()
    record.refresh_from_db()
    return save_record(
        consultation=record,
        version=record.version,
        sick_from=today,
        sick_until=today + datetime.timedelta(days=2),
        sick_reason="发热",
        referral_to="市第一人民医院呼吸科",
        referral_reason="需行胸部影像检查，排除肺炎",
        follow_up_on=today + datetime.timedelta(days=7),
        by=record.clinician.user,
    )


def prescription(record, doctor: str = "doctor") -> Prescription:
    """A draft with two drugs that nothing speaks against."""
    by = user(doctor)
    sheet = services.start(consultation=record, by=by)
    for code, dose, unit, frequency, days in [
        ("D010", "0.5", "g", "qd", 3),  # azithromycin
        ("D023", "0.5", "g", "tid", 3),  # paracetamol
    ]:
        services.add_item(
            prescription=sheet,
            drug=Drug.objects.get(code=code),
            dose=Decimal(dose),
            dose_unit=unit,
            route=MOUTH,
            frequency=frequency,
            days=days,
            by=by,
        )
    return sheet


def refused(record, doctor: str = "doctor") -> Prescription:
    """A draft on which one drug is refused and another asks for a reason."""
    sheet = services.start(consultation=record, by=user(doctor))
    for code, dose, days in [("D001", "0.5", 5), ("D033", "30", 14)]:  # amoxicillin, ambroxol
        services.add_item(
            prescription=sheet,
            drug=Drug.objects.get(code=code),
            dose=Decimal(dose),
            dose_unit="g" if code == "D001" else "mg",
            route=MOUTH,
            frequency="tid",
            days=days,
            by=user(doctor),
        )
    return sheet


def herbal_sheet(record, doctor: str = "doctor") -> Prescription:
    """Seven doses of five pieces of the shipped library."""
    by = user(doctor)
    sheet = herbal.start(consultation=record, by=by)
    herbal.write(prescription=sheet, common=herbal.Common(7, "sjf", "2w"), by=by)
    for code, grams, note in [
        ("D134", "30", ""),  # astragalus
        ("D142", "6", "lj"),  # ginseng
        ("D136", "9", ""),  # angelica
        ("D137", "12", ""),  # white peony
        ("D135", "4.5", ""),  # liquorice
    ]:
        piece = herbal.Piece(Drug.objects.get(code=code), Decimal(grams), note)
        herbal.write(prescription=sheet, piece=piece, by=by)
    return sheet


def submitted(record, doctor: str = "doctor") -> Prescription:
    return services.submit(prescription=prescription(record, doctor), by=user(doctor))


def approved(record) -> Prescription:
    return review.approve(prescription=submitted(record), by=user("pharmacist"))


def dispensed(record) -> Prescription:
    sheet = dispensing.pick(prescription=approved(record), by=user("pharmacist"))
    return dispensing.dispense(prescription=sheet, by=user("pharmacist2"))


def infusion(record) -> Prescription:
    """Something that drips, handed out and archived."""
    sheet = dispensed(record)
    sheet.items.update(route=DRIP, group=1, drip="40滴/分")
    archive.archive(prescription=sheet, by=None)
    return sheet


def treated() -> dict:
    """A dressing of three turns that is due, one that was done with a reaction, and a nebuliser."""
    load_treatment_services()
    record = consultation(person("乔桂香", 62))
    offered = {row.code: row for row in TreatmentService.objects.all()}
    order = {"consultation": record, "by": user("doctor")}
    due = treatments.order(service=offered["DR2"], words="左小腿外侧", times=3, every=2, **order)
    over = treatments.order(service=offered["OX"], words="2L/分，30分钟", **order)
    runs = treatments.order(service=offered["NEB"], words="生理盐水2ml", times=3, **order)
    done = turns.finish(turn=over.turns.get(), result="血氧97%", reaction="鼻干", by=user("nurse"))
    running = turns.start(turn=runs.turns.first(), by=user("nurse"))
    return {
        "treatment": due,
        "turn": due.turns.first(),
        "turn_running": running,
        "turn_done": done,
        "treated": record,
        "treated_patient": record.patient,
    }


def delivery():
    """Two batches of each drug that the scene hands out; the later expiry came first."""
    today = timezone.localdate()
    lines = [
        {
            "drug": Drug.objects.get(code=code),
            "lot": f"S{code[1:]}{days}",
            "expires_on": today + datetime.timedelta(days=days),
            "quantity": 60,
            "cost": Decimal("5.20"),
            "shelf": "A1-01",
        }
        for code in ("D010", "D023")
        for days in (720, 400)
    ]
    refused = {"name": "洗手液 500ml", "quantity": 6, "reason": "未订购", "fate": "returned"}
    return receive(
        supplier="青溪医药有限公司",
        licence="苏AA5120002",
        lines=lines,
        refused=[refused],
        by=user("storekeeper"),
    )


def write_off(batch) -> StockDocument:
    """A draft that waits for a colleague's confirmation (R-118)."""
    head = {"cause": "broken", "note": "搬运时摔碎", "place": batch.place}
    rows = [papers.Row(batch.drug, 6, batch=batch)]
    return papers.start(kind="write_off", head=head, rows=rows, by=user("storekeeper"))


def take_of(*codes: str):
    """A stock-take of these drugs, ready to be counted."""
    drugs = Drug.objects.filter(code__in=codes)
    return takes.started(by=user("storekeeper"), scope="drugs", drugs=drugs)


def stock_takes() -> dict[str, str]:
    """One that is being counted, one that waits for its confirmation, one that is posted."""
    counting, counted, posted = take_of("D001", "D002", "D003"), take_of("D005"), take_of("D004")
    line = counting.lines.select_related("batch").order_by("pk").first()
    takes.counted(counting, line.batch, line.book, by=user("pharmacist"))
    for take in (counted, posted):
        lines = take.lines.select_related("batch").order_by("pk")
        shelf = {line.batch: line.book - n % 2 for n, line in enumerate(lines)}
        takes.to_confirm(take, shelf, by=user("pharmacist"))
    takes.confirmed(posted, by=user("storekeeper"))
    return {"take": counting.number, "take_counted": counted.number, "take_posted": posted.number}


def booked_online(name: str, doctor: str):
    """A place of today that somebody without a file holds."""
    session = session_of(doctor)
    last = openings(session, taken(session))[-1]
    return online_booking(session, last.slot.starts, name=name)


def waiting_area(room: str) -> Area:
    """An area with one room; its screen shows no other."""
    area = Area.objects.create(name="二楼")
    Room.objects.filter(name=room).update(area=area)
    return area


def empty_queue(doctor: str) -> None:
    """Everybody who waits for this doctor has gone home: a queue that a test can foresee."""
    desk, left = user("frontdesk"), Registration.CancelReason.LEFT
    for row in line_of(user(doctor).clinician):
        cancel_visit(registration=row, reason=left, by=desk)


def online_tomorrow() -> online_offers.Offer:
    """A morning that can be booked online at any hour of today."""
    mornings = [one for one in online_offers.offers() if one.session.period == Period.MORNING]
    return next(one for one in mornings if not one.is_today)


def build() -> dict[str, str]:
    """Everything above once; ids by what they are."""
    document = delivery()
    window = window_scene.build(consultation, person, user)
    batch = document.movements.select_related("batch").first().batch
    allergy = {"substance": "青霉素", "severity": "severe", "group_code": "PCN"}
    allergic = person(
        "郭淑珍",
        1,
        allergy_status=AllergyStatus.HAS.value,
        allergies=[{**allergy, "reaction": "过敏性休克"}],
    )
    unasked = person("田文洁", 2, allergy_status=AllergyStatus.NOT_ASKED.value)
    waiting = visit(unasked, "doctor2")
    missed = pass_over(
        registration=called(visit(person("石小兰", 3), "doctor2")), by=user("doctor2")
    )
    record = consultation(allergic)
    finished = consultation(person("沈玉珍", 4))
    handed_out = dispensed(finished)
    afterwards(finished)
    template = keep_record(consultation=finished, name="支气管炎", by=user("doctor"))
    finish(consultation=finished, by=user("doctor"))
    sent_back = review.return_(
        prescription=submitted(consultation(person("韩雪梅", 5))),
        reason="氨溴索与诊断不符，请核对用法",
        by=user("pharmacist"),
    )
    paid_for, till = till_scene.build(finished.registration, user)
    things = {
        **paid_for,
        "allergic": allergic,
        "allergy": allergic.allergies.get(),
        "known": person("苗素芬", 8),  # on file, and not here today
        "unasked": unasked,
        "waiting": waiting,
        "online_session": online_tomorrow().session,
        "online_department": online_tomorrow().session.clinician.department,
        "booking": booked_online("卢明芳", "doctor2"),
        "missed": missed,
        "record": record,
        "five": consultation(person("毛晓东", 36)),
        "draft": prescription(record),
        "refused": refused(record),
        "herbal": herbal_sheet(record),
        "herbal_approved": review.approve(
            prescription=herbal.submit(
                prescription=herbal_sheet(consultation(person("庄梅英", 9))), by=user("doctor")
            ),
            by=user("pharmacist"),
        ),
        "patient": finished.patient,
        "finished": finished,
        **file_scene.build(finished.patient, person, user),
        "template": template,
        "dispensed": handed_out,
        "infusion": infusion(consultation(person("薛凤英", 61))),
        **treated(),
        "returned": sent_back,
        "submitted": submitted(consultation(person("曹丽华", 6))),
        "approved": approved(consultation(person("邓桂英", 7))),
        "batch": batch,
        "drug": batch.drug,
        **window,
        **held_back.build(),
        **signed_scene.build(consultation, person, user, prescription),
        **patient_lists.build(user("frontdesk")) | tables.build(user("storekeeper")),
    }
    told = {name: str(thing.pk) for name, thing in things.items()}
    dispensing = StockDocument.objects.filter(kind="dispensing").latest("pk")
    told |= {"area": str(waiting_area("2诊室").pk), "place": token_of(waiting.pk)}
    numbers = {"document": document, "paper": write_off(batch), "dispensing": dispensing} | till
    numbers["price_document"] = till_scene.price_change(batch.drug, by=user("storekeeper"))
    told |= {name: paper.number for name, paper in numbers.items()}
    told |= {"near_report": "near", "drugs_report": "drugs", "paper_kind": "write_off"}
    told |= {"notice_kind": "notice", "guide_people": "people", "slip_sheet": "slip"}
    told |= {"help_topic": "review", "card": "doctor", "figure": "waiting"}
    return told | stock_takes()


def called_by_number(name: str, serial: int, doctor: str) -> None:
    """Somebody's number is on the screen; tells which."""
    with acting_as(user("frontdesk"), screen="scene"):
        print(called(visit(person(name, serial), doctor)).number)


def send_home(*names: str) -> None:
    """Whoever was called for a test has gone: the doctors call other people."""
    desk, left = user("frontdesk"), Registration.CancelReason.LEFT
    for row in Registration.objects.filter(state=VisitState.CALLED, patient__name__in=names):
        cancel_visit(registration=row, reason=left, by=desk)


def tell() -> None:
    with acting_as(user("frontdesk"), screen="scene"):
        print(json.dumps(build()))
