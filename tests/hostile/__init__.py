"""Hostile input: every form field, address, header and upload; see `python -m tests.hostile -h`."""
