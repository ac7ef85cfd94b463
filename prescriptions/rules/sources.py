"""Where each rule is written: the law or regulation behind a number R-nn.

A number that is missing here is a decided reading or the product's own rule. Articles were noted
from memory or excerpts and are to be compared with the text before any claim (R-156).
"""

from django.utils.translation import gettext as _

SOURCES = {
    "R-2": "处方管理办法 第8、10、11条",
    "R-4": "处方管理办法 第11条",
    "R-5": "医师法 第24条",
    "R-8": "处方管理办法 附件1",
    "R-10": "处方管理办法 附件1",
    "R-13": "处方管理办法 第6条",
    "R-14": "处方管理办法 第6条(七)",
    "R-15": "处方管理办法 第6条(六)",
    "R-17": "处方管理办法 第6条(四)",
    "R-18": "处方管理办法 第6条(五)",
    "R-19": "处方管理办法 第7条",
    "R-20": "处方管理办法 第6条(九)",
    "R-21": "处方管理办法 第6条(八)",
    "R-22": "处方管理办法 第18条",
    "R-23": "处方管理办法 第19条",
    "R-24": "处方管理办法 第23条",
    "R-25": "处方管理办法 第21、24条",
    "R-26": "处方管理办法 第22、26条",
    "R-27": "处方管理办法 第23条",
    "R-28": "医疗用毒性药品管理办法 第9条",
    "R-29": "长期处方管理规范(试行)",
    "R-35": "医疗机构处方审核规范 第11条",
    "R-37": "医疗机构处方审核规范 第13条",
    "R-45": "β内酰胺类抗菌药物皮肤试验指导原则(2021)",
    "R-47": "抗菌药物临床应用管理办法 第24、25条",
    "R-48": "抗菌药物临床应用管理办法 第27条",
    "R-49": "抗菌药物临床应用管理办法 第28条",
    "R-50": "抗菌药物临床应用管理办法 第29条",
    "R-51": "国家基本药物目录管理",
}


def sources_of(basis: str) -> list[str]:
    """The texts behind a rule's numbers, each once."""
    found = [SOURCES[number] for number in basis.split() if number in SOURCES]
    return list(dict.fromkeys(found))


def told(source: str, *, checked: bool) -> str:
    """A row of the clinical data as a source, and whether a pharmacist has compared it (R-157)."""
    state = _("checked") if checked else _("from memory, not checked")
    return _("%(source)s (%(state)s)") % {"source": source, "state": state}


def of_pair(number: str, *, checked: bool) -> str:
    """A line of the table of interactions."""
    return told(_("list of interactions, %(number)s") % {"number": number}, checked=checked)


def of_group(name: str, *, checked: bool) -> str:
    """An allergy group with what belongs to it."""
    return told(_("allergy group %(name)s") % {"name": name}, checked=checked)


def of_library(drug) -> str:
    """The drug's own row: maxima, and its words on who must not have it."""
    return told(_("drug library"), checked=drug.checked)


def of_list() -> str:
    """The shipped table of contraindications, which nobody edits here."""
    return told(_("list of contraindications"), checked=False)


def of_pieces() -> str:
    """What is usual of herbal pieces, a shipped table too."""
    return told(_("table of herbal pieces"), checked=False)
