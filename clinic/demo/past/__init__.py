"""The days gone by of a demo clinic: who came when and why, and everything that this left behind.

The plan of a day follows from the seed alone; what was written on it also from the stock and from
what the patient still takes, by the rules that hold for real sheets. Visits are written in pieces
of a few rows by bulk inserts, everything else by the same verbs as real work (clinic.demo.clock).
"""
