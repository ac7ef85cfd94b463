"""Every Chinese page is Chinese: no Latin word outside the list (R-153, R-179).

Here the pages that links lead to, and the administration; test_every_page.py asks the same of
every page in every state.
"""

import re
from collections import Counter
from urllib.parse import urlsplit

import pytest
from django.urls import Resolver404, resolve, reverse

from clinic.demo import people
from security.permissions import Role

pytestmark = pytest.mark.browser

LETTER = r"A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f"
WORD = re.compile(rf"[0-9.-]*[{LETTER}][{LETTER}0-9.-]*")
CODES = [
    r"[A-Z]",  # vitamin C, a blood group, the letter of a key or of a doctor's numbers
    r"[A-Z]\d{2,3}(\.\d)?",  # ICD-10, queue and drug numbers
    r"[A-Z]{1,2}\d[\d-]*X?",  # patient, prescription, document and lot numbers
    r"[A-Z]\d-\d\d",  # shelves
    r"(?=.*\d)[0-9A-F]{8}",  # what to tell the administrator after a fault
    r"CYP\d[A-Z]\d{1,2}",  # enzymes, in the effect of a pair
    r"(\d{14})?\d{3}X",  # a document number, and the end of a masked one
    r"[0-9a-f]{4}",  # the digits of a seal, on screen and on paper
]
WORDS = set(
    # marks on every box of medicine, the prescription's own Latin, the name of a code list,
    # units, and the keys of the keyboard
    "Rx OTC Rp Sig ICD-10 A5 g kg mg ml mL L IU mmol mmHg cm mm h F2 F8 F9 Enter Shift Ctrl Alt Esc"
    # what Chinese doctors themselves write in Latin letters: frequencies, classes, tests
    " bid tid qid qd qn qm qod qw biw prn st q4h q6h q8h q12h x d NSAID ACEI ARB CCB PPI SSRI MAOI"
    " RAAS CYP SGLT2 HMG-CoA HLA-B INR CK TSH QT eGFR G-6-PD G6PD TAT PDE5 Dix-Hallpike Murphy"
    # sizes of files
    " KB MB GB"
    # files that people know by these names, and how text in them is written
    " Excel xls xlsx CSV csv UTF-8 UTF-16 GBK GB18030 Big5 LE BE BIG5 Tab"
    # numbers of national standards, blood groups, a unit in the name of a standard's column
    " WS ABO AB RH Rh FHIR JSON BMI min"
    # what stands on every cash machine and every disk; names of browsers and systems
    " PIN USB Chromium Chrome Edge Firefox Safari Windows Linux Android"
    # the fingerprint of a certificate, as Windows and browsers name its kind; the systems' names
    " SHA-1 SHA-256 sha1"
    # the switch to the other language, in that language
    " English".split()
)
# Every text a person can read or hear: text nodes, and the attributes that are read out. What
# stands in <code> is for the machine: paths, names of files, a command to copy. [data-shown] in a
# picture is what another program shows of it.
TEXTS = """() => {
  const out = [document.title];
  const machine = 'script, style, template, noscript, code, [data-shown]';
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!node.parentElement.closest(machine)) out.push(node.data);
  }
  for (const name of ['title', 'aria-label', 'placeholder', 'alt', 'aria-description']) {
    for (const e of document.querySelectorAll(`[${name}]`)) out.push(e.getAttribute(name));
  }
  for (const e of document.querySelectorAll('input[type=submit], input[type=button]')) {
    out.push(e.value);
  }
  return out.map(text => text.trim()).filter(text => /[A-Za-z]/.test(text));
}"""
ADMIN_PAGES = ["admin:index", "admin:security_user_changelist", "admin:core_setting_changelist"]
ACCOUNTS = [
    *("admin", "frontdesk", "nurse", "doctor", "doctor2", "pharmacist", "pharmacist2"),
    *(
        "storekeeper",
        "cashier",
        "cashier2",
        "auditor",
        "administrator",
        "technician",
        "remote",
        "second",
    ),
]
# Of each role an account of the demo clinic.
BY_ROLE = {role: name for name, _full, role in reversed(people.ACCOUNTS)}
ONE_OF_EACH = [BY_ROLE[role] for role in Role if role != Role.ADMINISTRATOR]
PAGES = "a[href]:not([download]):not([href$='.crt'])"  # the certificate is a file for the PC
LINKS = f'() => Array.from(document.querySelectorAll("{PAGES}"), link => link.href)'
NAMES_ACCOUNTS = {
    "audit_list",
    "audit_week",
    "guide_step",
}  # as people typed them when they were made
EXAMPLES = 1  # of the pages of one kind that a person looks at


def latin(texts: list[str], *, also: set[str] = frozenset()) -> list[str]:
    """Words that a reader of Chinese would stumble over, with what stands around them."""
    found = {}
    for text in texts:
        for match in WORD.finditer(text):
            word = match[0].strip(".-")
            if not is_allowed(word, also):
                found.setdefault(word, f"{word} in “{' '.join(text.split())[:80]}”")
    return list(found.values())


def is_allowed(word: str, also: set[str]) -> bool:
    """A known word, perhaps behind a number (0.25g), or a code."""
    bare = word.lstrip("0123456789.")
    return bare in WORDS | also or any(re.fullmatch(code, word) for code in CODES)


def url_name(url: str) -> str | None:
    """Which of our pages `url` is; None for anything that is none."""
    try:
        return resolve(urlsplit(url).path).view_name
    except Resolver404:
        return None


def foreign_words(person) -> list[str]:
    """Latin words of the page in front of this person; where accounts are named, theirs may be."""
    also = set(ACCOUNTS) if url_name(person.page.url) in NAMES_ACCOUNTS else set()
    return latin(person.page.evaluate(TEXTS), also=also)


def crawl(person) -> dict[str, list[str]]:
    """Latin words of every page this person comes to by links, from home on."""
    waiting, seen, kinds, found = ["/"], set(), Counter(), {}
    while waiting:
        response = person.page.goto(waiting.pop(0))
        here = urlsplit(person.page.url).path
        if here in seen or not response or "html" not in response.headers["content-type"]:
            continue
        seen.add(here)
        words = foreign_words(person)
        if words:
            found[here] = words
        for link in person.page.evaluate(LINKS):
            name = url_name(link)
            if not link.startswith(person.clinic.url) or name is None or name[:6] == "admin:":
                continue
            if kinds[name] < EXAMPLES and urlsplit(link).path not in seen:
                kinds[name] += 1
                waiting.append(link)
    return found


@pytest.mark.parametrize("account", ONE_OF_EACH)
def test_every_page_reached_by_links_is_chinese(account, staff, scene):
    person = staff(account)

    assert crawl(person) == {}


@pytest.mark.parametrize("name", ADMIN_PAGES)
def test_administration_is_chinese(name, staff, scene):
    person = staff("admin")
    person.page.goto(reverse(name))

    # Names of accounts, and the alternative text of Django's own pictures.
    assert latin(person.page.evaluate(TEXTS), also={*ACCOUNTS, "True", "False", "Search"}) == []


def test_the_list_lets_no_english_word_through():
    texts = ["Save", "阿莫西林 0.25g", "Rx 处方 RX20261123-0007", "按 Alt Q", "see J06.9"]

    assert [line.split()[0] for line in latin(texts)] == ["Save", "see"]
