"""The clinic's own settings; only the addresses are more."""

from clinic.settings import *  # noqa: F403

ROOT_URLCONF = "tests.benchmarks.inside.urls"
