"""How another PC learns to trust the clinic's own certificate: one file, three pictures."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

import segno
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import get_valid_filename
from django.views.decorators.http import require_GET

from clinic.core import modules
from clinic.core.site import institution
from security.access import public

PLAIN_NAME = "clinic-ca.crt"


@dataclass(frozen=True)
class Authority:
    """What the pages tell of the clinic's own certificate authority; nothing of it is secret."""

    content: bytes
    name: str
    sha1: str  # as Windows shows it before it asks
    sha256: list[str]  # as Firefox and certutil show it, in lines
    until: datetime


def authority() -> Authority | None:
    """None where HTTPS ends at a front of the clinic's own, whose certificate browsers know."""
    try:
        content = (settings.DATA_DIR / "tls" / "ca.crt").read_bytes()
        found = x509.load_pem_x509_certificate(content)
    except (OSError, ValueError):
        return None
    names = found.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    # Windows knows no other; nobody can make a second certificate for a given SHA-1.
    # Not for safety: Windows itself shows this one to compare.
    short = found.fingerprint(SHA1()).hex()  # noqa: S303  # nosec B303
    pairs = found.fingerprint(SHA256()).hex(":").upper()
    return Authority(
        content=content,
        name=str(names[0].value) if names else "",
        sha1=" ".join(short[at : at + 8] for at in range(0, 40, 8)).upper(),
        sha256=[pairs[:47], pairs[48:]],
        until=found.not_valid_after_utc,
    )


@public
@require_GET
def other_pcs(request):
    """Public: whoever needs it can't sign in without fear yet."""
    address = f"https://{request.get_host()}"
    booking = (settings.CLINIC_PUBLIC_URL or address).rstrip("/") + reverse("booking")
    context = {
        "institution": institution(),
        "authority": authority(),
        "file_name": _file_name(),
        "address": address,
        "booking": booking if modules.is_on("booking") else "",
        "booking_code": _code(booking) if modules.is_on("booking") else "",
        "is_public": bool(settings.CLINIC_PUBLIC_URL),
    }
    return render(request, "clinic/other_pcs.html", context)


@public
@require_GET
def other_pcs_file(request):
    """The authority's certificate. Inline: Firefox then offers to trust it, others save it.

    Where there is none, the page says that nothing has to be done."""
    found = authority()
    if found is None:
        return other_pcs(request)
    answer = HttpResponse(found.content, content_type="application/x-x509-ca-cert")
    answer["Content-Disposition"] = (
        f"inline; filename=\"{PLAIN_NAME}\"; filename*=UTF-8''{quote(_file_name())}"
    )
    return answer


def _file_name() -> str:
    """With the clinic's name: it lies among other downloads."""
    clinic = institution()
    name = get_valid_filename((clinic.short_name or clinic.name or "clinic")[:40])
    return f"{name}-ca.crt"


def _code(address: str) -> SafeString:
    picture = segno.make(address, micro=False, error="l").svg_inline(border=2, omitsize=True)
    # Made by segno of an address of ours: paths only.
    return mark_safe(picture)  # noqa: S308  # nosec B308 B703
