"""Versions: whoever changes something says which state of it was seen, so that nobody's change is lost.

A GET answers with an ETag; a PATCH of the same thing sends it back in If-Match, and changes the row only if it is
still in that state. The table has the columns `id` and `version`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar, cast
from uuid import UUID

from flask import Response, after_this_request, request
from sqlalchemy import ColumnElement, update

from suite.kernel import db
from suite.kernel.errors import ChangedMeanwhile, IfMatchNeeded

HEADER = "If-Match"
# A proxy that compresses marks the tag as weak (W/); the version in it says as much as before.
_TAG = r'(W/)?"([0-9a-f]{32})\.([0-9]{1,9})"'

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class State:
    """A state of a row: its number, so that a row made anew is another one, and its version."""

    row: UUID
    version: int

    @classmethod
    def of(cls, row: Any) -> "State":
        """Give the present state of a row."""
        return cls(row.id, row.version)

    @property
    def tag(self) -> str:
        """Give the ETag."""
        return f'"{self.row.hex}.{self.version}"'


def change(row: Any, seen: State, *conditions: ColumnElement[bool], **values: Any) -> None:
    """Change a row that is still as it was seen, and count its version up; of many at once exactly one does it.

    It is refused alike where one of the `conditions` does not hold.
    """
    table = type(row)
    done = db.session.execute(
        update(table)
        .where(table.id == row.id, table.version == seen.version, *conditions)
        .values(version=table.version + 1, **values)
        .execution_options(synchronize_session=False)
    )
    if seen.row != row.id or done.rowcount != 1:  # type: ignore[attr-defined]
        raise ChangedMeanwhile
    db.session.refresh(row)


def gives_version(view: F) -> F:
    """Answer with an ETag; stands below `response`, and the view gives its body and the `State` of what it shows."""

    @wraps(view)
    def tagged(*args: Any, **kwargs: Any) -> Any:
        body, state = view(*args, **kwargs)

        @after_this_request
        def tag(response: Response) -> Response:
            if response.status_code < 400:
                response.headers["ETag"] = state.tag
            return response

        return body

    return _told(tagged, view, gives_version=True)


def takes_version(view: F) -> F:
    """Ask for If-Match and give the view the `State` as `seen`; stands below `arguments`: a bad body is bad first."""

    @wraps(view)
    def asked(*args: Any, **kwargs: Any) -> Any:
        given = re.fullmatch(_TAG, request.headers.get(HEADER, ""))
        if given is None:
            raise IfMatchNeeded
        return view(*args, seen=State(UUID(given[2]), int(given[3])), **kwargs)

    apidoc = getattr(view, "_apidoc", {})
    manual = dict(apidoc.get("manual_doc", {}))
    manual["parameters"] = [*manual.get("parameters", ()), PARAMETER]
    refusals = (*apidoc.get("refusals", ()), IfMatchNeeded, ChangedMeanwhile)
    return _told(asked, view, manual_doc=manual, refusals=refusals)


def _told(wrapper: Callable[..., Any], view: F, **facts: Any) -> F:
    """Put facts where flask-smorest collects what a route says."""
    wrapper._apidoc = {**getattr(view, "_apidoc", {}), **facts}  # type: ignore[attr-defined]  # noqa: SLF001
    return cast("F", wrapper)


PARAMETER = {
    "in": "header",
    "name": HEADER,
    "required": True,
    "description": "The ETag of what you read: the change is made only if nobody changed it meanwhile.",
    "schema": {"type": "string", "pattern": f"^{_TAG}$"},
}
