"""One installation of 10,000 patients beside one of a million: the same pages and verbs.

    python -m tests.benchmarks.large make  DIR PATIENTS MOVEMENTS ENTRIES    one installation
    python -m tests.benchmarks.large compare SMALL LARGE                     both, in turns

Each is a practice clinic (staff, drugs, stock and a day's work through the verbs) with a past that
is written straight into the tables; see installer/docs/large.md for what is in it.
"""
