"""More made-up people than the list has, of the ages that come to a clinic.

Their ID numbers pass every check and belong to nobody: the area code is of a prefecture (3299) that
does not exist. Their phone numbers begin as no operator's do.
"""

import random
from datetime import date, timedelta

from clinic.demo import names
from patients.identity import check_digit

VILLAGES = ["北桥村", "东街社区", "南浜村", "西塘村", "新桥社区", "河口村", "柳荫社区"]
AREA = 329901  # and those after it
ORDERS = 499  # people of one area code: three digits, of which the last tells the sex
PHONES = ("154", "161", "164", "169")
CHILD, OLD = 14, 70
# Years of age and of a hundred who come: many old ones and children.
AGES = [
    ((0, 2), 5), ((3, 6), 8), ((7, 13), 9), ((14, 29), 8), ((30, 44), 14), ((45, 59), 20),
    ((60, 74), 25), ((75, 84), 9), ((85, 94), 2),
]  # fmt: skip
ALLERGIES = {
    "denied": 885, "not_asked": 12, "PCN|moderate|皮疹|青霉素": 38,
    "PCN|severe|过敏性休克|青霉素": 8,
    "SULFA|mild|皮疹|磺胺类": 24, "CEPH|mild|皮疹|头孢类": 15, "NSAID|moderate|荨麻疹|布洛芬": 9,
    "NSAID|moderate|哮喘发作|阿司匹林": 9,
}  # fmt: skip
PAYMENTS = {True: ("employee", 28, "resident", 66, "self", 6), False: ("resident", 90, "self", 10)}


def person(chance: random.Random, serial: int, today: date) -> dict:
    """One more row like those of demo_people.csv; `serial` keeps the numbers apart."""
    age = chance.choices([years for years, _share in AGES], [share for _years, share in AGES])[0]
    years = chance.randint(*age)
    born = _birthday(chance, years, today)
    sex = chance.choices("12", (47, 53) if years >= CHILD else (53, 47))[0]
    family = names.surname(chance)
    return {
        "name": family + names.given(chance, sex=sex, year=born.year),
        "sex": sex,
        "birth_date": born.isoformat(),
        "id_type": "01",
        "id_number": _number(serial, born, sex),
        "no_id_reason": "",
        "address": f"青溪镇{chance.choice(VILLAGES)}{chance.randrange(1, 20)}组"
        f"{chance.randrange(1, 90)}号",
        "payment": _drawn(chance, PAYMENTS[years >= 18]),
        **_reached(chance, serial, years, family, born),
        "allergy": chance.choices(list(ALLERGIES), list(ALLERGIES.values()))[0],
    }


def _birthday(chance: random.Random, years: int, today: date) -> date:
    """Somebody of so many years; the youngest are some weeks old."""
    return today - timedelta(days=int(years * 365.25) + chance.randrange(40, 360))


def _number(serial: int, born: date, sex: str) -> str:
    area, order = divmod(serial, ORDERS)
    body = f"{AREA + area}{born:%Y%m%d}{order * 2 + (sex == '1'):03d}"
    return body + check_digit(body)


def _phone(chance: random.Random, serial: int, whose: int) -> str:
    return f"{PHONES[whose]}{serial % 10**5:05d}{chance.randrange(1000):03d}"


def _reached(chance: random.Random, serial: int, years: int, family: str, born: date) -> dict:
    """Children by a parent (R-86), many of the old by their children, others themselves (R-82)."""
    own = _phone(chance, serial, chance.randrange(2))
    if years > CHILD and (years < OLD or chance.random() < 0.45):
        return {"phone": own, "contact_name": "", "contact_relation_text": "", "contact_phone": ""}
    sex = chance.choice("12")
    if years <= CHILD:  # was one when the file was opened
        word = {"1": "父亲", "2": "母亲"}[sex]
        name = names.given(chance, sex=sex, year=born.year - 29)
        name = (family if sex == "1" else names.surname(chance)) + name
    else:
        word = {"1": "儿子", "2": "女儿"}[sex]
        name = family + names.given(chance, sex=sex, year=born.year + 27)
    return {
        "phone": "",
        "contact_name": name,
        "contact_relation_text": word,
        "contact_phone": _phone(chance, serial, 2 + chance.randrange(2)),
    }


def _drawn(chance: random.Random, table: tuple) -> str:
    return chance.choices(table[::2], table[1::2])[0]
