"""Callers who need no sign-in: staff members with chosen permissions, for tests of the internal tools."""

from typing import Any

from suite.kernel import clock
from suite.kernel.access import Actor, ActorKind, Permission
from suite.kernel.http import App
from suite.kernel.ids import new_id
from tests.people import SignedIn

_PREFIX = "test_staff_"
_known: dict[str, Actor] = {}


def staff(app: App, *permissions: Permission, fresh: bool = True) -> SignedIn:
    """Give a client of a staff member who may do this, and who just confirmed the password unless told otherwise."""
    _teach(app)
    token = f"{_PREFIX}{new_id().hex}"
    _known[token] = Actor(
        ActorKind.STAFF, new_id(), fresh_at=clock.now() if fresh else None, allowed=frozenset(permissions)
    )
    return SignedIn(app.test_client(use_cookies=False), token, "")


def _teach(app: App) -> None:
    """Let the application recognise these callers besides those it knows."""
    before: Any = app.recognise
    if getattr(before, "knows_staff", False):
        return

    def recognise(credential: str, client: str) -> Actor | None:
        return _known.get(credential) or before(credential, client)

    recognise.knows_staff = True  # type: ignore[attr-defined]
    app.recognise = recognise
