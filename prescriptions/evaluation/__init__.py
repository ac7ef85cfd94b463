"""处方点评: every finished sheet is held against the 28 items of section 1.6 (R-41, R-42).

`judging.py` is a pure function over plain facts; `gathering.py` alone reads them;
`verbs.py` writes.
"""
