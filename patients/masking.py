"""What of a name, a phone or a document number may be read in passing (R-97, R-141)."""

import re
import unicodedata

STARS = "****"
_AREA = re.compile(r".{2,}(?:省|市|区|县|乡|镇|街道|村|社区|路|街)(?=.)")


def mask_name(name: str) -> str:
    """For public screens: 张*, 张*明, longer ones first and last; with · the first letter only."""
    # A variation selector belongs to the character before it and is no character of its own.
    letters = [c for c in name.strip() if not unicodedata.category(c).startswith("M")]
    if "·" in letters:
        rest = "".join("·" if c == "·" else "*" for c in letters[1:])
        return letters[0] + rest
    if len(letters) < 2:
        return "*" * len(letters)
    if len(letters) == 2:
        return letters[0] + "*"
    return letters[0] + "*" * (len(letters) - 2) + letters[-1]


def mask_phone(phone: str | None) -> str:
    """138****5678; of a landline the area code and the last four digits stay."""
    if not phone:
        return ""
    area, dash, local = phone.partition("-")
    if dash:
        return f"{area}-{STARS}{local[-4:]}" if len(local) > 4 else f"{area}-{STARS}"
    return f"{phone[:3]}{STARS}{phone[-4:]}" if len(phone) > 7 else STARS


def mask_id(number: str | None) -> str:
    """110105********002X; of shorter document numbers two characters at each end."""
    if not number:
        return ""
    if len(number) >= 15:
        return number[:6] + "*" * (len(number) - 10) + number[-4:]
    if len(number) >= 6:
        return number[:2] + "*" * (len(number) - 4) + number[-2:]
    return "*" * len(number)


def mask_address(address: str | None) -> str:
    """青溪镇北桥村****: up to the village, quarter or street; without any, the first letters."""
    if not address:
        return ""
    found = _AREA.match(address)
    kept = len(found.group()) if found else min(6, len(address) // 2)
    return f"{address[:kept]}{STARS}"


def area_of(address: str | None) -> str:
    """The part of an address down to the village, quarter or street; "" when it names none."""
    found = _AREA.match(address or "")
    return found.group() if found else ""
