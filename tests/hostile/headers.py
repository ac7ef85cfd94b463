"""Headers with bytes that no browser sends; as the server hands them over (WSGI, latin-1)."""

from tests.hostile import values
from tests.hostile.lab import Request

NAMES = (
    *("HTTP_HOST", "HTTP_ACCEPT_LANGUAGE", "HTTP_COOKIE", "HTTP_REFERER", "HTTP_USER_AGENT"),
    *("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_ORIGIN"),
    *("HTTP_IF_MODIFIED_SINCE", "HTTP_IF_NONE_MATCH", "HTTP_RANGE", "HTTP_ACCEPT_ENCODING"),
    *("HTTP_SEC_FETCH_MODE", "HTTP_SEC_FETCH_SITE", "HTTP_X_REQUESTED_WITH", "HTTP_ACCEPT"),
    *("HTTP_X_CSRFTOKEN", "REMOTE_ADDR", "CONTENT_LENGTH", "HTTP_IF_UNMODIFIED_SINCE"),
    *("HTTP_X_HTTP_METHOD_OVERRIDE", "HTTP_AUTHORIZATION", "HTTP_EXPECT", "HTTP_UPGRADE"),
    *("SERVER_NAME", "SERVER_PORT", "HTTP_TRANSFER_ENCODING", "PATH_INFO"),
)
BODY = b"x=1"
MORE = {
    "no address": "http://[",
    "no address, safe": "https://[::1",
    "no port": "testserver:99999999",
    "no such port": "https://testserver:port/",
    "odd network": "https://[v1.x]/%zz",
    "another host": values.HOST,
    "a name too long": "a" * 70_000,
    "languages": ",".join(f"zz-{n};q=0.{n}" for n in range(500)),
    "cookies": "; ".join(f"c{n}={n}" for n in range(3000)),
    "a cookie that is none": '=;;;a="\\"\\377;$Path=/;__Host-clinic-session="x',
    "a broken session": "__Host-clinic-session=\xff\xfe%00'; __Host-clinic-csrf=;",
    "a long session": "__Host-clinic-session=" + "a" * 9000,
    "a language": "clinic-language=../../etc; __Host-clinic-csrf=" + "x" * 64,
    "day long gone": "Mon, 01 Jan 0000 99:99:99 GMT",
    "ranges": "bytes=0-1,2-3,-1,5-2,99999999999999999999-",
    "addresses": ", ".join(["::ffff:1.2.3.4", "fe80::1%eth0", "999.1.1.1"] * 100),
    "fe80": "fe80::1%" + values.MARK,
    "mapped": "::ffff:999",
}


def latin(value) -> str:
    """As a server hands it over; line ends would have ended the header there."""
    raw = value if isinstance(value, bytes) else value.encode("utf-8", "replace")
    return raw.decode("latin-1").replace("\r", "").replace("\n", "")


def some(who: str, page: str, chance, count: int):
    everything = {**values.SHORT, **MORE}
    for name in chance.sample(NAMES, count):
        for method in ("GET", "POST"):
            title = chance.choice(list(everything))
            if not _promises_more(name, everything[title]):
                yield "headers", who, _request(method, page, name, title, everything[title])


def requests(who: str, pages: list[str]):
    everything = {**values.SHORT, **MORE}
    for page in pages:
        for name in NAMES:
            for title, value in everything.items():
                if _promises_more(name, value):
                    continue
                for method in ("GET", "POST"):
                    yield "headers", who, _request(method, page, name, title, value)


def _promises_more(name: str, value) -> bool:
    """A body longer than it is: Django's test client breaks off; `wire.py` tries it on a server."""
    if name != "CONTENT_LENGTH":
        return False
    try:
        return int(latin(value)) > len(BODY)
    except ValueError:
        return False


def _request(method: str, page: str, name: str, title: str, value) -> Request:
    """What the page answers without the header, this person may see: some have buttons alone."""
    body = BODY if method == "POST" else b""
    return Request(
        title,
        method,
        page,
        body,
        headers={name: latin(value)},
        about=f"{name} of {page}",
        plain=lambda: [Request("as meant", method, page, body)],
    )
