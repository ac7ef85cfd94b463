"""A plugin of `python -m tests.concurrency`: all tests many times, one turn after the other."""

import os
import re
import time
from collections import Counter

import pytest

TURNS = "CLINIC_RACE_TURNS"
TURN = re.compile(r"[\[-]t(\d+)[\]-]")


def pytest_generate_tests(metafunc) -> None:
    metafunc.fixturenames.append("turn")
    metafunc.parametrize("turn", range(1, int(os.environ[TURNS]) + 1), ids=lambda turn: f"t{turn}")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items) -> None:
    items.sort(key=lambda item: item.callspec.params["turn"])


def pytest_configure(config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Told(config))


class Told:
    """How many turns are whole, and after how long: for whoever waits, and when it breaks off."""

    def __init__(self, config):
        self.plugins = config.pluginmanager
        self.began, self.each, self.done = time.monotonic(), 0, Counter()

    def pytest_collection_finish(self, session) -> None:
        self.each = len(session.items) // int(os.environ[TURNS])

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node, ids) -> None:
        self.each = len(ids) // int(os.environ[TURNS])

    def pytest_runtest_logreport(self, report) -> None:
        if report.when != "call" or not report.passed:
            return
        turn = int(TURN.search(report.nodeid)[1])
        self.done[turn] += 1
        if self.done[turn] == self.each:
            whole = sum(1 for passed in self.done.values() if passed == self.each)
            seconds, load = time.monotonic() - self.began, os.getloadavg()[0]
            screen = self.plugins.get_plugin("terminalreporter")
            screen.ensure_newline()
            screen.write_line(f"{whole} turns whole after {seconds:.0f} s, load {load:.1f}")
