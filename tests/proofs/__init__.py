"""The proofs of security over an installation in which people have worked, on copies of it.

    python -m tests.proofs DATA_DIR

The suite proves them over tests' own rows at every change; this asks what a whole day left behind,
whoever wrote it. SQLite only: MariaDB's rows are asked by the suite.
"""
