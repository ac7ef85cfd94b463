"""What the official numbers of a drug look like (R-55). Doubt is said, never a reason to refuse."""

import re

from django.utils.translation import gettext as _

from clinic.core.text import half_width

# 国药准字H20013106, 国药准字HJ20160123, and the older certificates of imported drugs.
_APPROVAL = re.compile(r"(国药准字[HZSBTFJ][CJ]?|(注册证号|医药产品注册证号)?[HZSB][CJ]?)[0-9]{8}")
_INSURANCE = re.compile(r"[XZT][0-9A-Z]{22}")


def doubts(approval_number: str, insurance_code: str) -> list[str]:
    """A sentence for each number that does not look like one."""
    found = []
    if approval_number and not _APPROVAL.fullmatch(half_width(approval_number).upper()):
        found.append(
            _(
                "The approval number is usually 国药准字, a letter and 8 digits, such as "
                "国药准字H20013106. Please compare it with the pack."
            )
        )
    if insurance_code and not _INSURANCE.fullmatch(half_width(insurance_code).upper()):
        found.append(
            _(
                "The insurance code usually has 23 characters and begins with X, Z or T. "
                "Please compare it with the catalogue."
            )
        )
    return found
