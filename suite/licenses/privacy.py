"""What the licences module declares."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from suite.declarations import Declaration
from suite.declarations.events import LICENSE_EXPIRED
from suite.kernel import db
from suite.licenses.letters import LETTERS
from suite.licenses.models import License, activation_ended, holding_ended, product_said
from suite.licenses.products import catalogue
from suite.privacy import shows

declaration = Declaration(
    module="licenses",
    letters=tuple(letter.key for letter in LETTERS),
    announces={
        LICENSE_EXPIRED: "license_holdings.expires_at",
        holding_ended: "license_holdings.ended_at",
        activation_ended: "license_activations.released_at",
        product_said: "product_events.heard_at",
    },
)


@shows("license_holdings.number")
def _with_its_product(row: Mapping[str, Any], ending: str) -> str:
    """Name the product: the last characters of a code alone tell nobody which licence it is."""
    with db.reading() as connection:
        product = connection.scalar(select(License.product).where(License.id == row["license_id"]))
    known = catalogue().products.get(product or "")
    return f"{known.title if known else product}, …{ending}"
