"""Models for trying the encrypted fields; no installation ever has them."""
