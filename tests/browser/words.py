"""The words on the screen, found by the English message they translate.

So a corrected translation needs no change here. That every page is Chinese is asserted by
test_every_page.py; words the law or the issue names stand in the tests in Chinese.
"""

import re

from django.utils.translation import gettext, override


def zh(message: str, **values) -> str:
    """The Chinese words for `message`."""
    with override("zh-hans"):
        words = gettext(message)
    return words % values if values else words


def like(message: str) -> re.Pattern:
    """A pattern for `message`'s Chinese in which any text may stand for its placeholders."""
    parts = re.split(r"%\(\w+\)[sd]", zh(message))
    return re.compile("^" + ".*?".join(re.escape(part) for part in parts))


def told(message: str, text: str) -> dict[str, str]:
    """What stands in `text` where `message` has its placeholders; in the last one, a word."""
    pattern = re.escape(zh(message))
    pattern = re.sub(r"%\\\((\w+)\\\)s", r"(?P<\1>\\S+?)", pattern)
    return re.search(pattern + r"(?=\s|$)", text).groupdict()


def named(message: str) -> re.Pattern:
    """A control's name: the words of `message`, then perhaps its key or a mark."""
    return re.compile(like(message).pattern + r"(?=\s|$)")
