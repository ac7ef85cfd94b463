"""What the national follow-up forms ask (R-64 to R-67), as data: screen, paper and checks read it.

Keys are what `FollowUp.findings` holds; values are text, lists of codes for several choices.
Figures outside `low` to `high` are a slip of the keyboard and are refused.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from patients import codes
from patients.followup.rules import SELF_CARE_POINTS
from patients.models import CareKind


@dataclass(frozen=True)
class Ask:
    """One question. `how`: text, number, one (of a few), many."""

    key: str
    label: object
    how: str = "text"
    options: Callable[[], list] | None = None
    unit: object = ""
    low: str = "0"
    high: str = "1000"
    places: int = 0
    wide: int = 3  # of twelve columns
    length: int = 100
    needed: bool = False

    @property
    def wrap(self) -> str:
        """Its place on the page."""
        return f"c{self.wide} checkrow" if self.how == "many" else f"c{self.wide}"


@dataclass(frozen=True)
class Part:
    title: object
    asks: list[Ask]


def _number(key, label, unit, low, high, places=0, wide=2, needed=False) -> Ask:
    return Ask(key, label, "number", None, unit, low, high, places, wide, 10, needed)


def _coded(key, label, code_set, *, how="one", wide=3, needed=False) -> Ask:
    options = partial(codes.choices, code_set)
    return Ask(key, label, how, options, wide=wide, needed=needed)


def _words(key, label, options, *, how="one", wide=3, needed=False) -> Ask:
    """Options of our own, numbered from 1 as on the form."""
    numbered = [(str(n), words) for n, words in enumerate(options, 1)]
    return Ask(key, label, how, lambda: numbered, wide=wide, needed=needed)


def _text(key, label, wide=6, length=200) -> Ask:
    return Ask(key, label, wide=wide, length=length)


_GOOD = [_("good"), _("fair"), _("poor")]
_NORMAL = [_("normal"), _("abnormal")]
_FEEDING = [_("breast milk"), _("mixed"), _("formula")]
_GROWS = [_("as expected for the age"), _("behind for the age")]
DANGERS = [
    _("clouded consciousness"), _("severe headache or dizziness"), _("nausea and vomiting"),
    _("blurred sight, pain in the eyes"), _("palpitation, tight chest"),
    _("short of breath, can't lie flat"), _("pregnant or nursing, with raised pressure"),
    _("other danger sign"),
]  # fmt: skip
PREGNANCY_DANGERS = [
    _("bleeding"), _("severe headache, blurred sight"), _("cramps"), _("waters broken"),
    _("fewer movements of the child"), _("fever"), _("other danger sign"),
]  # fmt: skip
MODE = _coded("mode", _("How"), "visit_mode", wide=2, needed=True)
SYSTOLIC = _number("systolic", _("Systolic pressure"), "mmHg", "60", "260")
DIASTOLIC = _number("diastolic", _("Diastolic pressure"), "mmHg", "30", "160")
GLUCOSE = _number("glucose", _("Fasting glucose"), "mmol/L", "1", "40", 1)
HEIGHT = _number("height", _("Height"), "cm", "100", "230", 1)
WEIGHT = _number("weight", _("Weight"), "kg", "20", "250", 1)
REFER = Part(
    _("Referral"),
    [
        _text("referral_reason", _("Reason of the referral")),
        _text("referral_to", _("Institution and department, or that it was declined")),
    ],
)


def _aim(ask: Ask) -> Ask:
    label = format_lazy(_("Aim: {}"), ask.label)
    return Ask(f"{ask.key}_aim", label, ask.how, ask.options, ask.unit, ask.low, ask.high,
               ask.places, ask.wide)  # fmt: skip


def _with_aims(*asks: Ask) -> list[Ask]:
    return [one for ask in asks for one in (ask, _aim(ask))]


SMOKING = _number("smoking", _("Smoking"), _("cigarettes a day"), "0", "200")
ALCOHOL = _number("alcohol", _("Alcohol"), _("liang a day"), "0", "50", 1)
EXERCISE = _number("exercise", _("Exercise"), _("times a week"), "0", "30")
MINUTES = _number("minutes", _("Exercise each time"), _("minutes"), "0", "600")
SALT = _coded("salt", _("Salt"), "salt", wide=2)
STAPLE = _number("staple", _("Staple food"), _("g a day"), "0", "2000")
ATTITUDE = [
    _words("mind", _("State of mind"), _GOOD),
    _words("obedience", _("Follows advice"), _GOOD),
]
DRUGS = [
    ask
    for n in (1, 2, 3)
    for ask in (
        _text(f"drug{n}", _("Drug"), 6, 100),
        _text(f"drug{n}_times", _("times a day"), 3, 20),
        _text(f"drug{n}_dose", _("each time"), 3, 30),
    )
] + [_text("drug_other", _("Other drugs"), 12, 300)]
MEDICATION = [
    _coded("compliance", _("Takes the drugs"), "compliance"),
    _words(
        "adverse",
        _("Adverse reaction"),
        [_("none"), _("there is one"), _("yes, hard to control")],
    ),
    _text("adverse_words", _("Which"), 3),
]
GRADES = [
    _("controlled"), _("not controlled"), _("adverse reaction"), _("complication"),
]  # fmt: skip
ASSESS = Part(
    _("Assessment of this follow-up"),
    [
        _text("complication", _("New complication, or one that got worse"), 6),
        _words("grade", _("Class of this follow-up"), GRADES, wide=3),
    ],
)
HYPERTENSION = [
    Part(
        _("Symptoms and signs"),
        [
            MODE, SYSTOLIC, DIASTOLIC, _number("pulse", _("Heart rate"), _("/min"), "30", "220"),
            WEIGHT, HEIGHT,
            _coded("symptoms", _("Symptoms"), "htn_symptom", how="many", wide=12),
            _text("symptoms_other", _("Other symptoms"), 12),
            _words("danger", _("Danger signs"), DANGERS, how="many", wide=12),
        ],
    ),
    Part(
        _("Way of life"),
        [_aim(WEIGHT), *_with_aims(SMOKING, ALCOHOL, EXERCISE, MINUTES, SALT), *ATTITUDE],
    ),
    Part(_("Medication"), [_text("tests", _("Tests"), 12), *MEDICATION, *DRUGS]),
    ASSESS,
    REFER,
]  # fmt: skip
DIABETES = [
    Part(
        _("Symptoms and signs"),
        [
            MODE, GLUCOSE, SYSTOLIC, DIASTOLIC, WEIGHT, HEIGHT,
            _words("foot_pulse", _("Pulse of the foot"),
                   [_("normal"), _("weak"), _("can't be felt")]),
            _number("hba1c", _("HbA1c"), "%", "3", "20", 1),
            _text("hba1c_on", _("HbA1c of"), 3, 20),
            _coded("symptoms", _("Symptoms"), "dm_symptom", how="many", wide=12),
            _text("symptoms_other", _("Other symptoms"), 12),
            _words("danger", _("Danger signs"), DANGERS, how="many", wide=12),
        ],
    ),
    Part(
        _("Way of life"),
        [_aim(WEIGHT), *_with_aims(SMOKING, ALCOHOL, EXERCISE, MINUTES, STAPLE), *ATTITUDE],
    ),
    Part(
        _("Medication"),
        [
            _text("tests", _("Tests"), 12), *MEDICATION,
            _words("low_glucose", _("Low glucose"), [_("none"), _("now and then"), _("often")]),
            *DRUGS,
            _text("insulin", _("Insulin, kind"), 6),
            _text("insulin_dose", _("Insulin, dose and times"), 6),
        ],
    ),
    ASSESS,
    REFER,
]  # fmt: skip


def _scale(key: str, label) -> Ask:
    words = {0: _("by oneself"), 1: _("with a little help"), 3: _("with help"), 5: _("with help")}
    points = SELF_CARE_POINTS[key]
    last = points[-1]
    options = [
        (str(one), format_lazy("{} ({})", _("not at all") if one == last else words[one], one))
        for one in points
    ]
    return Ask(key, label, "one", lambda: options, wide=4)


ELDERLY = [
    Part(
        _("Health"),
        [
            MODE, _text("symptoms_other", _("Symptoms"), 9),
            _words("health", _("Own opinion of the health"),
                   [_("content"), _("rather content"), _("can't say"), _("not quite content"),
                    _("not content")]),
            _words("memory", _("First test of memory"), [_("negative"), _("positive")]),
            _words("mood", _("First test of mood"), [_("negative"), _("positive")]),
            _text("life", _("Way of life: exercise, food, tobacco, alcohol"), 12),
        ],
    ),
    Part(
        _("Self-care scale"),
        [
            _scale("eating", _("Eating")), _scale("washing", _("Washing")),
            _scale("dressing", _("Dressing")), _scale("toilet", _("Using the toilet")),
            _scale("moving", _("Moving about")),
        ],
    ),
    Part(
        _("Examination"),
        [
            SYSTOLIC, DIASTOLIC, _number("pulse", _("Pulse"), _("/min"), "30", "220"),
            HEIGHT, WEIGHT, _number("waist", _("Waist"), "cm", "40", "200", 1),
            _text("senses", _("Mouth, sight, hearing, movement"), 12),
            _text("body", _("Skin, lymph nodes, heart, lungs, abdomen, legs"), 12),
        ],
    ),
    Part(
        _("Tests"),
        [
            _number("hb", _("Haemoglobin"), "g/L", "20", "250"),
            _number("wbc", _("White cells"), "×10⁹/L", "0.1", "200", 1),
            _number("plt", _("Platelets"), "×10⁹/L", "1", "2000"), GLUCOSE,
            _number("alt", "ALT", "U/L", "1", "5000"), _number("ast", "AST", "U/L", "1", "5000"),
            _number("bilirubin", _("Total bilirubin"), "μmol/L", "1", "900", 1),
            _number("creatinine", _("Creatinine"), "μmol/L", "10", "2000"),
            _number("urea", _("Urea"), "mmol/L", "0.5", "80", 1),
            _number("tc", _("Total cholesterol"), "mmol/L", "0.5", "30", 2),
            _number("tg", _("Triglycerides"), "mmol/L", "0.1", "50", 2),
            _number("ldl", "LDL", "mmol/L", "0.1", "20", 2),
            _number("hdl", "HDL", "mmol/L", "0.1", "10", 2),
            _text("urine", _("Urine"), 4), _words("ecg", _("ECG"), _NORMAL, wide=2),
            _words("bscan", _("Ultrasound of the abdomen"), _NORMAL, wide=2),
            _text("tests", _("What is abnormal"), 12),
        ],
    ),
    Part(_("Guidance"), [_text("guidance", _("Guidance"), 12, 300)]),
    REFER,
]  # fmt: skip
_BODY = [
    _number("weight", _("Weight"), "kg", "0.5", "60", 2), _number("length", _("Length"), "cm",
    "30", "150", 1), _number("head", _("Head circumference"), "cm", "20", "60", 1),
]  # fmt: skip
_GUIDED = [Part(_("Guidance"), [_text("guidance", _("Guidance"), 12, 300)]), REFER]
NEWBORN = [
    Part(
        _("Newborn"),
        [
            MODE, *_BODY, _number("temperature", _("Temperature"), "℃", "34", "42", 1),
            _number("pulse", _("Heart rate"), _("/min"), "60", "240"),
            _number("respiration", _("Respiration"), _("/min"), "15", "120"),
            _words("feeding", _("Feeding"), _FEEDING),
            _words("jaundice", _("Jaundice"),
                   [_("none"), _("face"), _("trunk"), _("limbs"), _("hands and feet")]),
            _words("navel", _("Navel"), [_("not fallen off"), _("fallen off"), _("oozing"),
                                         _("other")]),
            _words("hearing", _("Hearing screening"), [_("passed"), _("not passed"),
                                                       _("not done"), _("not known")]),
            _text("body", _("Fontanelle, skin, eyes, ears, mouth, heart, limbs"), 12),
        ],
    ),
    *_GUIDED,
]  # fmt: skip
CHILD = [
    Part(
        _("Growth and development"),
        [
            MODE, *_BODY,
            _words("feeding", _("Feeding"), [*_FEEDING, _("food of the family")]),
            _words("fontanelle", _("Fontanelle"), [_("has closed"), _("is still open")]),
            _number("teeth", _("Teeth"), _("teeth"), "0", "32"),
            _number("hb", _("Haemoglobin"), "g/L", "20", "250"),
            _number("vitamin_d", _("Vitamin D"), _("IU a day"), "0", "5000"),
            _number("outdoors", _("Outdoors"), _("hours a day"), "0", "24", 1),
            _words("development", _("Development"), _GROWS),
            _text("development_words", _("What is late"), 6),
            _text("body", _("Face, skin, eyes, ears, mouth, heart and lungs, abdomen, limbs"), 12),
            _text("ill", _("Ill since the last visit: pneumonia, diarrhoea, injury"), 12),
        ],
    ),
    *_GUIDED,
]  # fmt: skip
ANTENATAL = [
    Part(
        _("Antenatal visit"),
        [
            MODE, SYSTOLIC, DIASTOLIC, WEIGHT,
            _number("fundus", _("Height of the fundus"), "cm", "5", "50", 1),
            _number("girth", _("Girth of the abdomen"), "cm", "50", "180", 1),
            _number("fetal_heart", _("Heart of the child"), _("/min"), "60", "220"),
            _text("position", _("Position of the child"), 3, 30),
            _number("hb", _("Haemoglobin"), "g/L", "20", "250"),
            _text("protein", _("Protein in the urine"), 3, 20),
            _text("symptoms_other", _("Complaint"), 12),
            _words("danger", _("Danger signs"), PREGNANCY_DANGERS, how="many", wide=12),
            _text("tests", _("Other tests"), 12),
        ],
    ),
    *_GUIDED,
]  # fmt: skip
POSTPARTUM = [
    Part(
        _("Postpartum visit"),
        [
            MODE, SYSTOLIC, DIASTOLIC,
            _number("temperature", _("Temperature"), "℃", "34", "42", 1),
            _words("mind", _("State of mind"), _GOOD), _words("breasts", _("Breasts"), _NORMAL),
            _words("lochia", _("Lochia"), _NORMAL), _words("womb", _("Womb"), _NORMAL),
            _words("wound", _("Wound"), _NORMAL),
            _text("symptoms_other", _("Complaint"), 12),
            _words("danger", _("Danger signs"), PREGNANCY_DANGERS, how="many", wide=12),
        ],
    ),
    *_GUIDED,
]  # fmt: skip


def parts_of(kind: str, step: str) -> list[Part]:
    """The form for one date of a file."""
    if kind == CareKind.CHILD:
        return NEWBORN if step in ("home", "d30") else CHILD
    if kind == CareKind.PREGNANCY:
        return POSTPARTUM if step.startswith("pp") else ANTENATAL
    forms = {CareKind.HYPERTENSION: HYPERTENSION, CareKind.DIABETES: DIABETES}
    return forms.get(kind, ELDERLY)


def asks_of(kind: str, step: str) -> dict[str, Ask]:
    """Every question of that form by its key."""
    return {ask.key: ask for part in parts_of(kind, step) for ask in part.asks}


def shown(ask: Ask, value) -> str:
    """An answer in words, with its unit."""
    if value in (None, "", []):
        return ""
    if ask.options is None:
        return f"{value} {ask.unit}".strip()
    names = dict(ask.options())
    chosen = value if isinstance(value, list) else [value]
    return "；".join(str(names.get(one, one)) for one in chosen)
