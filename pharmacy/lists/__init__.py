"""A supplier's list, pasted or brought as a file, as lines of a delivery.

`columns` knows its headings and reads its cells, `drugs` which drug of the library a row means,
`amounts` packs, pieces and cost; `rows` puts them together, `file` opens the file. Nothing is
decided here and nothing is lost: each row becomes a line of the form as if somebody had typed it,
and what is doubtful is said there and waits for a person.
"""
