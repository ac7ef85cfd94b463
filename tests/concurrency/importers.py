"""What the processes of test_import_killed do."""

from uuid import UUID

from clinic.core import jobs


def go_on(job: str) -> bool:
    """Work at the import until it is done or this process is killed."""
    return jobs.drive(UUID(job), seconds=120)
