"""Every sentence of the set-up can be read in Chinese."""

import ast
import re
from collections.abc import Iterator

from installer.setup import words
from tests.installer.tools import CHECKOUT

SETUP = CHECKOUT / "installer" / "setup"
SAID_BY = {"SetupError", "ArgumentTypeError", "step", "say", "finish", "complain", "print"}
NO_SENTENCES = {"testing.py", "words.py"}  # for developers; the words' own mechanics
# Comments of a file that is written, not sentences.
NOT_SAID = {"# Settings of this installation, read by clinic/settings.py. Keep this file private."}


def template(node: ast.AST) -> str | None:
    """A text of the code with `{}` for what is filled in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(v.value if isinstance(v, ast.Constant) else "{}" for v in node.values)
    return None


def sentences(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """What a person may come to read: said by one of the calls above, or worded as a sentence."""
    passed_over, said = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            passed_over.update(map(id, node.values))
        elif isinstance(node, ast.Expr):
            passed_over.add(id(node.value))  # a docstring
        elif isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in SAID_BY:
                said.update(map(id, node.args))
            if name == "Step":
                said.update(map(id, ast.walk(node.args[1])))
            said.update(id(word.value) for word in node.keywords if word.arg == "help")
    for node in ast.walk(tree):
        text = template(node)
        if text is None or id(node) in passed_over:
            continue
        worded = text[:1].isupper() and text.count(" ") > 2 and text.rstrip().endswith(".")
        if id(node) in said or worded:
            yield node.lineno, text


def test_every_sentence_has_its_chinese():
    known = words.table()

    missing = [
        f"{path.name}:{line}: {text}"
        for path in sorted(SETUP.rglob("*.py"))
        if path.name not in NO_SENTENCES
        for line, text in sentences(ast.parse(path.read_text(encoding="utf-8")))
        if re.search("[A-Za-z]{2}", text.replace("clinic: {}", "")) and text.strip() not in NOT_SAID
        if text.strip() not in known
    ]

    assert missing == [], "give them their Chinese in installer/setup/chinese/*.txt"


def test_what_is_filled_in_appears_in_both_languages():
    wrong = []
    for english, translation in words.table().items():
        values = [f"v{number}" for number in range(english.count("{}"))]

        found = words.chinese(english.format(*values))

        whole = found == translation.format(*values) and all(value in found for value in values)
        if not whole or not re.search("[一-鿿]", found):
            wrong.append(english)

    assert wrong == []


def test_a_sentence_within_a_sentence_is_translated_too():
    said = words.chinese("install.sh: --port: clinic is no port; give a number from 1 to 65535 "
                         "(install.sh --help lists the options).")  # fmt: skip

    assert said == (
        "install.sh：--port: clinic 不是端口号，请填 1 到 65535 的数字"
        "（用 install.sh --help 查看全部选项）。"
    )


def test_on_a_terminal_without_chinese_letters_english_alone_is_said(capsys, monkeypatch):
    monkeypatch.setattr(words, "_shows_chinese", lambda stream: False)

    words.complain("Something that /诊所 holds.")

    assert capsys.readouterr().err == "clinic: Something that /诊所 holds.\n"
