"""What the notice page shows: the catalogue, and the vendor's facts."""

from typing import Any

from suite.privacy.catalogue import catalogue


def notice() -> dict[str, Any]:
    """Give the facts of the page."""
    return {"catalogue": catalogue()}
