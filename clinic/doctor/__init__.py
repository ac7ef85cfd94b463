"""The doctor: what is in order with this installation, what isn't, and what to do about it."""
