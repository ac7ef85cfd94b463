"""An administrator with an authenticator on a phone, whose own clock is right."""

import base64
import threading
import time

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from security import second_factor
from security.models import SecondFactor, User
from tests.faults.person import Person
from tests.faults.served import PASSWORD

STEP = 30


class Phone:
    """Each code opens once, so each sign-in waits for the next one."""

    def __init__(self, clinic):
        self.clinic = clinic
        self.user = User.objects.get(username="admin")
        User.objects.filter(pk=self.user.pk).update(is_demo=False)
        second_factor.begin(by=self.user)
        second_factor.confirm(code=self._code(), by=self.user)
        self.used = int(time.time()) // STEP

    def _code(self) -> str:
        seed = base64.b32decode(SecondFactor.objects.get(user=self.user).seed)
        totp = TOTP(seed, 6, SHA1(), STEP, enforce_key_length=False)  # noqa: S303 # RFC 6238
        return totp.generate(int(time.time())).decode()

    def signs_in(self, *, expected: bool) -> list[str]:
        """Whether the code of now opens; while the server's clock is wrong it must not."""
        while int(time.time()) // STEP <= self.used:
            time.sleep(0.5)
        person = Person(self.clinic, "admin", 150, threading.Event())
        page = person.sign_in("admin", PASSWORD)
        self.used = int(time.time()) // STEP
        page = person.submit(page.form("second_step", has="code"), code=self._code())
        person.close()
        if (page.name != "second_step") == expected:
            return []
        return [f"the phone's code was {'refused' if expected else 'taken'}: {page.errors}"]
