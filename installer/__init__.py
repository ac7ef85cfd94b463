"""Getting the clinic onto a machine and keeping it running there."""
