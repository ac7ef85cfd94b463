"""Which page has which help. Every page of staff stands here, alone or with its parent."""

from functools import cache

from django.urls import URLPattern, URLResolver, get_resolver

from clinic.help import (
    at_the_desk,
    consulting,
    dispensing,
    files,
    keeping_watch,
    money,
    prescribing,
    signing_in,
    storing,
)
from clinic.help.topic import Topic
from security.access import mark_of

CHAPTERS = (
    at_the_desk,
    files,
    consulting,
    prescribing,
    dispensing,
    money,
    storing,
    keeping_watch,
    signing_in,
)
TOPICS = {topic.name: topic for chapter in CHAPTERS for topic in chapter.TOPICS}
OF_PAGE = {name: topic for topic in TOPICS.values() for name in (topic.name, *topic.also)}


def topic_of(url_name: str) -> Topic | None:
    return OF_PAGE.get(url_name)


def topics_for(user) -> list[Topic]:
    """The pages that this person may open, in the order of a day's work."""
    marks = _marks()
    return [topic for topic in TOPICS.values() if marks[topic.name].allows(user)]


@cache
def _marks() -> dict:
    """The access mark of each URL name."""
    return {pattern.name: mark_of(pattern.callback) for pattern in patterns()}


def patterns(resolver=None):
    """Every URL of ours; Django admin has its own help."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            if entry.app_name != "admin":
                yield from patterns(entry)
        elif isinstance(entry, URLPattern):
            yield entry
