"""Argon2id sized for a 4 GB office PC at eight in the morning."""

import threading

from django.contrib.auth.hashers import Argon2PasswordHasher

_one_at_a_time = threading.BoundedSemaphore(1)


class ClinicArgon2PasswordHasher(Argon2PasswordHasher):
    """19 MiB, two passes; one computation at a time in each process."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1

    def encode(self, password, salt):
        with _one_at_a_time:
            return super().encode(password, salt)

    def verify(self, password, encoded):
        with _one_at_a_time:
            return super().verify(password, encoded)
