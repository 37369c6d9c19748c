"""What the exports module declares."""

from suite.declarations import Declaration, Reason, Recipient, Store, kinds
from suite.declarations.purposes import purposes
from suite.exports.letters import export_ready
from suite.exports.models import STAYS, export_made

declaration = Declaration(
    module="exports",
    recipients=(
        Recipient(
            "chosen_by_you",
            "whomever you hand a link to the copy of your data that you asked for",
            category="chosen by you",
            receives=tuple(sorted({kind.category for kind in kinds() if kind.personal and not kind.secret})),
            purposes=purposes("legal_obligation"),
            country="the one you choose",
            safeguard="your own request: nothing is sent, whoever has the link fetches one copy within 24 hours",
            reason=Reason.OWN_REQUEST,
            rules="none from us: it is your choice whom you hand your data to",
        ),
    ),
    stores=(Store("exports", "the copies of your data that you asked for", STAYS, backed_up=False),),
    announces={export_made: "exports.made_at"},
    letters=(export_ready.key,),
)
