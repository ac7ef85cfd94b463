"""Who works in the clinic and who comes to it: one module per role.

Each module has `people(day)`, which returns its actors (clinic.day.engine.Actor).
"""
