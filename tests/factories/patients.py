"""Patients for tests. Each has a document number, a phone and a name of its own."""

from datetime import date

import factory
from django.utils import timezone

from patients import consents
from patients.identity import check_digit
from patients.models import Allergy, AllergyGroup, AllergyStatus, Consent, IdType, Patient, Sex
from patients.pinyin import full_pinyin, initials
from security.models import User

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平"


def id_number(
    birth_date: date, serial: int = 1, *, sex: str = Sex.FEMALE, area: int = 320582
) -> str:
    """A resident ID number that is valid (R-76)."""
    odd_or_even = (serial * 2 + (sex == Sex.MALE)) % 1000
    first = f"{area}{birth_date:%Y%m%d}{odd_or_even:03d}"
    return first + check_digit(first)


def somebody() -> User:
    """The person who wrote what no test cares who wrote."""
    found = User.objects.filter(username="somebody").first()
    return found or User.objects.create_user("somebody", full_name="某人")


def name_number(n: int) -> str:
    """A different plausible name for each n below 8,000."""
    return SURNAMES[n % 20] + GIVEN[n // 20 % 20] + GIVEN[n // 400 % 20]


class PatientFactory(factory.django.DjangoModelFactory):
    """A woman of about sixty with everything filled in; `created_by` may be given."""

    class Meta:
        model = Patient
        skip_postgeneration_save = True

    record_no = factory.Sequence(lambda n: f"P9{n:07d}")
    name = factory.Sequence(name_number)
    pinyin = factory.LazyAttribute(lambda o: full_pinyin(o.name))
    initials = factory.LazyAttribute(lambda o: initials(o.name))
    sex = Sex.FEMALE.value
    birth_date = date(1960, 3, 16)
    id_type = IdType.RESIDENT.value
    id_number = factory.LazyAttributeSequence(
        lambda o, n: id_number(o.birth_date, n % 400, sex=o.sex, area=320582 + n // 400)
    )
    phone = factory.Sequence(lambda n: f"138{n:08d}")
    address = "青溪镇北桥村12组36号"
    payment = "resident"
    allergy_status = AllergyStatus.DENIED.value
    notice_given = True
    created_by = factory.LazyFunction(somebody)

    @factory.post_generation
    def confirmed(patient, create, extracted, **kwargs):  # noqa: N805 - factory-boy's convention
        if create and patient.allergy_status != AllergyStatus.NOT_ASKED:
            patient.allergy_confirmed_at = timezone.now()
            patient.allergy_confirmed_by = patient.created_by
            patient.save(update_fields=["allergy_confirmed_at", "allergy_confirmed_by"])


class AllergicPatientFactory(PatientFactory):
    """Allergic to penicillin, severely."""

    allergy_status = AllergyStatus.HAS.value

    @factory.post_generation
    def allergy(patient, create, extracted, **kwargs):  # noqa: N805
        if create:
            AllergyFactory(patient=patient, **kwargs)


class AllergyGroupFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = AllergyGroup
        django_get_or_create = ["code"]

    code = "PCN"
    name = "青霉素类"
    members = "青霉素;阿莫西林"
    synonyms = "盘尼西林"
    default_action = "阻断"


class AllergyFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Allergy

    patient = factory.SubFactory(PatientFactory)
    group_code = "PCN"
    substance = "青霉素"
    reaction = "过敏性休克"
    severity = Allergy.Severity.SEVERE.value
    recorded_by = factory.SelfAttribute("patient.created_by")


def agreed(patient: Patient, *, by, kind: str = "notice") -> Consent:
    """The patient's consent to the text in force."""
    text = consents.texts_in_force()[kind]
    return consents.answer(patient=patient, text=text, agreed=True, given_by="王强", by=by)
