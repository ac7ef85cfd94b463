"""Tables that people bring as files: read, matched with columns, checked, written, taken back.

`worker` opens the file in a process of its own, `reading` hands its rows over, `matching` finds
the header, `kinds` says what a table is about, `engine` works through it in slices, `writing`
makes files that no spreadsheet program can be tricked with.
"""
