"""The session of the staff member who is calling."""

from uuid import UUID

from suite.kernel.access import actor
from suite.kernel.errors import SignInNeeded


def session_id() -> UUID:
    """Give the session of the caller."""
    found = actor().session_id
    if found is None:
        raise SignInNeeded
    return found
