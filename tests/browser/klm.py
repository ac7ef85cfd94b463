"""What the hands of a trained person do at a page, counted by the keystroke-level model.

The operators and seconds are those of Card, Moran and Newell: K one key, P pointing with the
mouse, B one click, H a hand going over to the mouse or back, M making up one's mind. The waits
for the clinic's answers are measured beside them and no part of `seconds`.

Where M stands (their rules 0 to 4): one before the key that ends a typed value, one before each
command (a function key, an Alt key, a click), one before a row of Enters over fields that stay as
they are. None where a key only goes on from the one before it: `Enter` right after a value's own.
Every letter is a K, an Alt key is two; Chinese is typed in pinyin, the space that takes it is one.
"""

import time
from dataclasses import dataclass, field

from playwright.sync_api import Locator, Page

K, P, B, H, M = 0.28, 1.1, 0.2, 0.4, 1.35


@dataclass
class Hands:
    """Both hands of one person at one page, on the keys until a click needs the mouse."""

    page: Page
    keys: int = 0
    clicks: int = 0
    thoughts: int = 0
    ways: int = 0  # of a hand between keys and mouse
    screens: int = 0
    waited: float = 0.0
    done: list[str] = field(default_factory=list)
    on_mouse: bool = False

    @property
    def seconds(self) -> float:
        pointed = self.clicks * (P + B) + self.ways * H
        return round(self.keys * K + pointed + self.thoughts * M, 1)

    @property
    def row(self) -> str:
        """A row of the table in the README, the task's name left out."""
        return f"{self.keys} | {self.clicks} | {self.screens} | {self.seconds}"

    # --- what can be done

    def letters(self, words: str) -> None:
        """Typed as they stand; no end and no thought yet."""
        self._to_keys(len(words), words)
        self.page.keyboard.type(words)

    def value(self, words: str, *end: str) -> None:
        """A value and the keys that end it; none where the next command does."""
        self.letters(words)
        self.thoughts += 1
        self.on(*end)

    def chinese(self, pinyin: str, words: str, *end: str) -> None:
        """By an input method: letters under the caret, then the words in their place."""
        self._to_keys(len(pinyin) + 1, f"{pinyin} ({words})")
        compose(self.page, pinyin, words)
        self.thoughts += 1
        self.on(*end)

    def command(self, key: str) -> None:
        """One key or chord that somebody decides to press."""
        self.thoughts += 1
        self.on(key)

    def on(self, *keys: str) -> None:
        """Keys that only go on from what was done before."""
        for key in keys:
            self._to_keys(key.count("+") + 1, key)
            if key.startswith("Alt+"):
                alt(self.page, key[-1])
            else:
                self.page.keyboard.press(key)

    def past(self, fields: int, key: str = "Enter") -> None:
        """Over fields that stay as they are: looked at together."""
        self.thoughts += 1
        self.on(*[key] * fields)

    def click(self, place: Locator) -> None:
        self.thoughts += 1
        self.ways += not self.on_mouse
        self.on_mouse = True
        self.clicks += 1
        self.done.append("click")
        place.click()

    def go(self, act, *arguments, **named) -> None:
        """Any of the above, and the page that comes of it."""
        began = time.monotonic()
        with self.page.expect_navigation():
            act(*arguments, **named)
        self.screens += 1
        self.waited += time.monotonic() - began

    def _to_keys(self, keys: int, what: str) -> None:
        self.ways += self.on_mouse
        self.on_mouse = False
        self.keys += keys
        self.done.append(what)


def alt(page: Page, letter: str) -> None:
    """Alt and a letter or digit with the text that a keyboard sends: Chromium's own accesskeys."""
    code = f"Digit{letter}" if letter.isdigit() else f"Key{letter.upper()}"
    key = {
        "key": letter,
        "code": code,
        "windowsVirtualKeyCode": ord(letter.upper()),
        "modifiers": 1,
    }
    text = {"text": letter, "unmodifiedText": letter}
    cdp = page.context.new_cdp_session(page)
    page.keyboard.down("Alt")
    cdp.send("Input.dispatchKeyEvent", {"type": "keyDown", **text, **key})
    cdp.send("Input.dispatchKeyEvent", {"type": "keyUp", **key})
    page.keyboard.up("Alt")
    cdp.detach()


def compose(page: Page, pinyin: str, words: str, *pressed: str) -> None:
    """What Chromium does with an input method: each letter composes, then the words stand there.

    The keys of `pressed` go to the input method before that: the page sees that one was pressed.
    """
    cdp = page.context.new_cdp_session(page)
    for end in range(1, len(pinyin) + 1):
        _of_the_method(cdp, f"Key{pinyin[end - 1].upper()}")
        place = {"selectionStart": end, "selectionEnd": end}
        cdp.send("Input.imeSetComposition", {"text": pinyin[:end], **place})
    for code in pressed:
        _of_the_method(cdp, code)
    if words:
        cdp.send("Input.insertText", {"text": words})
    cdp.detach()


def _of_the_method(cdp, code: str) -> None:
    """A key that the input method takes: 229, whichever it is."""
    key = {"key": "Process", "code": code, "windowsVirtualKeyCode": 229}
    cdp.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **key})
