"""The one clock of the product."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

_fixed: datetime | None = None


def now() -> datetime:
    """Give the present instant in UTC."""
    return _fixed if _fixed is not None else datetime.now(UTC)  # noqa: TID251 - the one place


def written(instant: datetime) -> str:
    """Write an instant for people: minutes in UTC."""
    return f"{instant:%Y-%m-%d %H:%M} UTC"


@contextmanager
def at(instant: datetime) -> Iterator[None]:
    """Hold the clock at `instant`, for tests and dry runs of sweeps."""
    global _fixed  # noqa: PLW0603 - there is one clock
    before, _fixed = _fixed, instant.astimezone(UTC)
    try:
        yield
    finally:
        _fixed = before
