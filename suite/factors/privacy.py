"""What the second factors declare."""

from suite.declarations import Declaration
from suite.factors.models import challenge_over, factor_left, text_decided

declaration = Declaration(
    module="factors",
    announces={
        factor_left: "factors.pending_since",
        challenge_over: "challenges.expires_at",
        text_decided: "text_decisions.at",
    },
    letters=("security_code",),
)
