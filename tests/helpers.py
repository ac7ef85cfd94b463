"""Small things that many tests need."""

import uuid
from contextlib import contextmanager

from django.conf import settings
from django.db import transaction
from django.test import Client


class SecureClient(Client):
    """A browser that speaks HTTPS, as every real one must here."""

    def generic(self, *args, **kwargs):
        kwargs["secure"] = True
        return super().generic(*args, **kwargs)


def in_english(client):
    """The same browser after somebody pressed "English" on its sign-in page."""
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def post_ok(client, url: str, data: dict | None = None, **extra):
    """POST with a form token; fail with the form's errors unless it redirects."""
    response = client.post(url, {"once": uuid.uuid4(), **(data or {})}, **extra)
    if response.status_code != 302:
        context = response.context or {}
        form = context.get("form") if hasattr(context, "get") else None
        raise AssertionError(f"{url}: {response.status_code} {getattr(form, 'errors', '')}")
    return response


@contextmanager
def undone():
    """What one kind of input wrote is taken back before the next is tried on the same scene."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
