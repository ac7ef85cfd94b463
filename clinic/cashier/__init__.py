"""Taking money: what a visit costs, who paid what, what was given back (R-101, R-102)."""
