"""Making a copy in the background: begun again after a crash, and no file is ever without a row."""

from uuid import UUID


def make(export_id: UUID) -> None:
    """Make a copy that was asked for."""
