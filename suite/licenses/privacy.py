"""What the licences module declares."""

from suite.declarations import Declaration
from suite.declarations.events import LICENSE_EXPIRED
from suite.licenses.letters import LETTERS
from suite.licenses.models import activation_ended, holding_ended, product_said

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
