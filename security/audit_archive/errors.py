"""Why an archive can't be made or read, in one sentence."""


class ArchiveError(Exception):
    """The message says what happened and what to do next; `kind` is for programs."""

    def __init__(self, kind: str, message: str):
        super().__init__(message)
        self.kind = kind


DAMAGED, NO_KEY, NO_FILE = "damaged", "no_key", "no_file"


def damaged(path) -> ArchiveError:
    return ArchiveError(
        DAMAGED,
        f"The archive {path} is damaged, incomplete or was written with another key ring; use "
        "another copy of it or put back the key ring that belongs to it.",
    )


def no_key(path, purpose: str, key_id) -> ArchiveError:
    return ArchiveError(
        NO_KEY,
        f"The archive {path} needs {purpose} key {key_id}, which the key ring does not hold or "
        f"which is retired; put the key ring back, or run: manage.py retire_key {purpose} "
        f"{key_id} --back.",
    )
