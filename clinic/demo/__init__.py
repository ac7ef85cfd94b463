"""A made-up clinic for training and trial, built through the same verbs as real work."""
