"""Help: a few sentences for each page of staff, keys, words, what to do when nothing works."""
