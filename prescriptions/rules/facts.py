"""What the rules look at, as plain data: no database, no clock, no user session."""

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from prescriptions.dictionary import Frequency
from prescriptions.doses import Dose
from prescriptions.herb_words import HERB, Known, known
from prescriptions.quantity import Pack
from security import crypto

UNRESTRICTED, RESTRICTED, SPECIAL = "非限制使用级", "限制使用级", "特殊使用级"
NARCOTIC = {"麻醉药品", "第一类精神药品"}
PSYCHOTROPIC_2 = {"第二类精神药品"}
TOXIC = {"医疗用毒性药品", "放射性药品"}
TOPICAL = "外用"
SOLVENT, BAG = "溶媒", "大输液"
SKIN_TEST_NEEDED = "需"  # 需青霉素皮试, 需TAT皮试; "按说明书" leaves it to the doctor


@dataclass(frozen=True)
class DrugFacts:
    """A drug of the library as the rules see it."""

    id: int
    name: str
    pack: Pack
    ingredients: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    grade: str = ""
    skin_test: str = ""
    control: str = ""
    max_daily: Fraction | None = None
    max_daily_unit: str = ""
    active: bool = True
    max_daily_per_kg: Fraction | None = None
    max_single: Fraction | None = None
    max_single_per_kg: Fraction | None = None
    max_single_unit: str = ""
    per_ml: tuple[Fraction, str] | None = None  # content of 1 ml of a liquid, and its unit
    form: str = ""
    is_patent: bool = False  # Chinese patent medicine
    routes: frozenset[str] = frozenset()  # codes; empty where the library's words name none
    subcategory: str = ""
    storage: str = ""
    essential: str = ""
    # The library's own words on who must not have it; prescriptions.rules.words reads them.
    pregnancy: str = ""
    children: str = ""
    elderly: str = ""
    caution: str = ""
    checked: bool = False  # its row, by a pharmacist

    @property
    def is_topical(self) -> bool:
        """Takes no part in systemic pairs and sums (R-180)."""
        return TOPICAL in self.tags

    @property
    def is_herb(self) -> bool:
        return HERB in self.tags

    @property
    def is_solvent(self) -> bool:
        return SOLVENT in self.tags

    @property
    def is_bag(self) -> bool:
        """Hangs as it is, or holds what is dissolved in it."""
        return self.is_solvent or BAG in self.tags

    @property
    def piece(self) -> Known:
        """What is usual of a herbal piece, by its name."""
        return known(self.name, self.ingredients)

    @property
    def is_injection(self) -> bool:
        return "注射" in self.form or "粉针" in self.form

    @property
    def is_antibiotic(self) -> bool:
        return self.grade in (UNRESTRICTED, RESTRICTED, SPECIAL)

    @property
    def needs_skin_test(self) -> bool:
        return self.skin_test.startswith(SKIN_TEST_NEEDED)


@dataclass(frozen=True)
class Line:
    """One row of the sheet."""

    key: str
    rank: int
    drug: DrugFacts
    dose: Dose
    frequency: Frequency
    days: int
    quantity: int = 1
    computed: int | None = None
    skin_test: str = ""
    outside: bool = False
    available: int = 0
    route: str = ""  # a code of prescriptions.dictionary
    remark: str = ""
    group: int | None = None  # rows of one number are given together
    drip: str = ""
    herb_note: str = ""  # 先煎, 后下 …
    # Hours since the last dose of a drug of the same allergy group; None: no such use on file.
    hours_since_use: int | None = None
    # An essential drug of the same subcategory that is in stock, where this one is none.
    essential_instead: str = ""


@dataclass(frozen=True)
class InUse:
    """A drug of another prescription of the same patient that is not used up (R-170)."""

    drug: DrugFacts
    days_left: int
    since: date


@dataclass(frozen=True)
class AllergyFact:
    """One active entry of the allergy list."""

    group: str  # code; UNKNOWN or empty where there is none
    substance: str
    severe: bool
    reaction: str = ""
    recorded_by: str = ""
    recorded_on: date | None = None


@dataclass(frozen=True)
class Group:
    """An allergy group: what belongs to it and what may cross-react (R-176)."""

    code: str
    name: str
    members: frozenset[str] = frozenset()
    crosses: frozenset[str] = frozenset()
    checked: bool = False  # by a pharmacist


@dataclass(frozen=True)
class Pair:
    """A line of the interaction table."""

    number: str
    a: tuple[str, str]  # type and value
    b: tuple[str, str]
    severity: str
    effect: str
    advice: str = ""
    checked: bool = False  # by a pharmacist


@dataclass(frozen=True)
class Condition:
    """A coded diagnosis of this visit, or of an earlier one (`on`)."""

    code: str
    name: str = ""
    suspected: bool = False
    on: date | None = None


@dataclass(frozen=True)
class Prescriber:
    """The rights bound to the person, and whose visit this is."""

    may_prescribe: bool = True
    antibiotic_grade: str = "unrestricted"
    psychotropic_2: bool = False
    narcotic: bool = False
    is_own_visit: bool = True
    is_visit_open: bool = True
    title: str = ""  # a value of Clinician.Title; empty: the right alone decides
    is_patient: bool = False  # the prescriber bears the patient's name


@dataclass(frozen=True)
class Sheet:
    """A prescription and all that is needed to judge it."""

    today: date
    lines: tuple[Line, ...] = ()
    allergy_status: str = "denied"
    allergy_confirmed_on: date | None = None
    allergy_from_papers: bool = False  # there is an answer, but nobody here has asked
    confirm_after_days: int = 180
    allergies: tuple[AllergyFact, ...] = ()
    groups: dict[str, Group] = field(default_factory=dict)
    pairs: tuple[Pair, ...] = ()
    in_use: tuple[InUse, ...] = ()
    diagnoses: int = 1
    is_emergency: bool = False
    max_days: int = 7
    is_draft: bool = True
    age: int = 40
    prescriber: Prescriber = Prescriber()
    months: int | None = None  # age in months; None: by the years
    sex: str = ""  # "1" male, "2" female, else unknown
    weight: Fraction | None = None  # kg, measured at this visit
    egfr: Fraction | None = None  # the file has no place for it yet: never known so far
    conditions: tuple[Condition, ...] = ()
    infusion_allowed: bool = True  # antibiotics into a vein
    issued_on: date | None = None  # of a sheet that was handed in
    valid_until: date | None = None
    solvents_counted: bool = True  # among the five drugs
    is_assessed: bool = False  # noted for more than four weeks, and agreed by the patient
    over_grade_before: bool = False  # used once already for this patient
    is_herbal: bool = False  # a sheet for herbal pieces
    herb_doses: int | None = None
    herb_kind: str = ""  # of preparation: decoct, granule, powder, external, other
    has_syndrome: bool = False  # a TCM syndrome stands in the record or among the diagnoses
    has_pain_file: bool = False  # consent on file and seen within three months

    @property
    def age_months(self) -> int:
        return self.age * 12 if self.months is None else self.months


@dataclass(frozen=True)
class Rule:
    """A line of the table: what is refused, asked or told, and where that is written."""

    key: str
    level: int  # 1 refuses, 2 asks for reason and signature, 3 tells
    basis: str
    title: str
    why: str = ""
    offers_alternative: bool = False
    reasons: str = "override"  # which list of reasons a signature chooses from


@dataclass(frozen=True)
class Finding:
    """A rule that spoke, about these lines (none: the whole sheet)."""

    rule: Rule
    lines: tuple[str, ...] = ()
    values: dict = field(default_factory=dict)
    detail: str = ""  # an earlier signature no longer counts when this changes
    is_whole: bool = False  # one signature for the sheet, however many lines it concerns
    source: str = ""

    @property
    def level(self) -> int:
        return self.rule.level

    @property
    def title(self) -> str:
        return str(self.rule.title) % self.values

    @property
    def why(self) -> str:
        return " ".join((str(self.rule.why) % self.values).split()) if self.rule.why else ""

    @property
    def basis(self) -> str:
        return " ".join(filter(None, [self.rule.basis, self.source]))

    @property
    def fingerprint(self) -> str:
        """Names this very alert: the same rule about the same lines and the same detail.

        Keyed: a plain digest of so few possible texts would tell the allergy to whoever guesses.
        """
        lines = () if self.is_whole else sorted(self.lines)
        text = "|".join([self.rule.key, *lines, self.detail])
        return crypto.lasting_digest("alert.fingerprint", text)
