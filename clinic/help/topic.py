"""What the help says about one page."""

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

PICTURES = "img/help"


@dataclass(frozen=True)
class Topic:
    """At most three sentences, for the page of this URL name and those that belong to it."""

    name: str
    title: object
    text: object
    also: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()  # of clinic.help.keys, besides those of every page

    @property
    def picture(self) -> str:
        """Its static path; empty where words are enough."""
        path = f"{PICTURES}/{self.name}.webp"
        return path if (Path(settings.BASE_DIR) / "static" / path).is_file() else ""
