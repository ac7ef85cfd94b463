"""Where the help of the page that is shown stands; a page without words of its own leads to all."""

from django.urls import reverse

from clinic.help import table


def help_link(request) -> dict:
    """Template context of every page but Django admin's."""
    match = getattr(request, "resolver_match", None)
    if match is not None and match.app_name == "admin":
        return {}
    topic = table.topic_of(match.view_name) if match is not None else None
    return {"help_url": reverse("help_of", args=[topic.name]) if topic else reverse("help")}
