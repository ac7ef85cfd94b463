"""Every rule in one table: its level, where it is written, and what it says (R-155, R-166).

Level 1 refuses and can't be passed; level 2 asks for a reason and the password again; level 3 is
a quiet line. A new rule is one entry here and one function in a module beside it.
"""

from prescriptions.rules.facts import Rule
from prescriptions.rules.table_amounts import RULES_ABOUT_AMOUNTS
from prescriptions.rules.table_herbs import RULES_ABOUT_HERBS
from prescriptions.rules.table_infusions import RULES_ABOUT_INFUSIONS
from prescriptions.rules.table_patient import RULES_ABOUT_PATIENT
from prescriptions.rules.table_sheet import RULES_ABOUT_SHEET

# Asked again when drugs are handed out: what the file may have learnt since the review.
AT_WINDOW = (
    "allergy.",
    "contra.",
    "dose.",
    "duplicate.controlled",
    "duplicate.narrow",
    "interaction.",
    "skin_test.interrupted",
)

_ALL = RULES_ABOUT_PATIENT + RULES_ABOUT_SHEET + RULES_ABOUT_AMOUNTS
_ALL += RULES_ABOUT_INFUSIONS + RULES_ABOUT_HERBS
RULES: dict[str, Rule] = {rule.key: rule for rule in _ALL}
