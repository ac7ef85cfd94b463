"""A plugin of `python -m tests.concurrency`: every test many times, one turn after the other."""

import os

TURNS = "CLINIC_RACE_TURNS"


def pytest_generate_tests(metafunc) -> None:
    metafunc.fixturenames.append("turn")
    metafunc.parametrize("turn", range(1, int(os.environ[TURNS]) + 1), ids=lambda turn: f"t{turn}")
