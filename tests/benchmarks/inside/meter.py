"""Whose work the time of a request is; in the benchmark's own worker alone.

Each moment of the thread's CPU belongs to the innermost of these that is at work; sessions and the
audit log keep their own queries and sealing, which are part of what they cost.
"""

import json
import threading
import time
from collections import Counter
from functools import wraps

REST = "rest"
WHOLE = {"sessions", "audit"}  # whatever they ask for is theirs
CRYPTO = ["seal", "unseal", "seal_blob", "open_blob", "blind_index", "index_candidates"]
HEADER = "X-Benchmark-Costs"


class Account(threading.local):
    """What one thread has spent on the request it serves."""

    def begin(self) -> None:
        self.stack, self.spent, self.queries = [REST], Counter(), 0
        self.mark = time.thread_time()

    def change(self) -> None:
        now = time.thread_time()
        self.spent[self.stack[-1]] += now - self.mark
        self.mark = now


account = Account()
account.begin()


def charged(name: str, function):
    """`function`, whose time is put down to `name`."""

    @wraps(function)
    def measured(*args, **kwargs):
        if not hasattr(account, "stack"):
            account.begin()
        if name == "queries" and getattr(function, "__name__", "") == "execute":
            account.queries += 1
        if account.stack[-1] in WHOLE:
            return function(*args, **kwargs)
        account.change()
        account.stack.append(name)
        try:
            return function(*args, **kwargs)
        finally:
            account.change()
            account.stack.pop()

    return measured


def install() -> None:
    """Put the meters on."""
    from django.contrib.sessions.backends.base import SessionBase
    from django.db.backends.utils import CursorWrapper
    from django.db.models import QuerySet
    from django.db.models.sql.compiler import SQLCompiler, SQLInsertCompiler, SQLUpdateCompiler
    from django.template.backends.django import Template

    from security import audit, crypto, own_sessions, tracking
    from security.models import AuditEntry
    from security.sessions import SessionStore

    places = [
        ("sessions", SessionBase, ["_get_session"]),
        ("sessions", SessionStore, ["save", "load"]),
        ("sessions", own_sessions, ["too_old", "note_seen"]),
        ("audit", audit, ["record", "record_read"]),
        ("audit", AuditEntry, ["save"]),
        ("audit", tracking, ["_note", "_stored", "_changed", "_whole"]),
        ("audit", tracking, ["note_created", "note_changes"]),
        ("encryption", crypto, CRYPTO),
        ("templates", Template, ["render"]),
        ("queries", QuerySet, ["_fetch_all"]),
        ("queries", SQLCompiler, ["execute_sql"]),
        ("queries", SQLInsertCompiler, ["execute_sql"]),
        ("queries", SQLUpdateCompiler, ["execute_sql"]),
        ("queries", CursorWrapper, ["execute", "executemany"]),
    ]
    for name, owner, functions in places:
        for function in functions:
            setattr(owner, function, charged(name, getattr(owner, function)))
    # Whoever has imported a property's or module's function by name keeps the old one.
    SessionBase._session = property(SessionBase._get_session)


def metered(application):
    """The application, whose answers say in a header what they cost."""

    def serve(environ, start_response):
        account.begin()

        def start(status, headers, *error):
            account.change()
            told = {name: round(1000 * spent, 3) for name, spent in account.spent.items()}
            headers.append((HEADER, json.dumps(told | {"asked": account.queries})))
            return start_response(status, headers, *error)

        return application(environ, start)

    return serve
