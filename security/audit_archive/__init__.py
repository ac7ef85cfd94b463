"""Old entries of the audit log go into sealed files and leave the database (R-135).

`make` writes and proves a file, `records` the row that names it, `remove` lets the entries go,
`files` proves rows and files again, `form` is the file, `tables` reads it for the auditor.
"""
