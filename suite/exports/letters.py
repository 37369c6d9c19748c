"""What the exports module writes to people: that a copy is ready, and nothing of what is in it."""

from suite.kernel.words import marked as _
from suite.messages import Letter, Line, letter

export_ready = letter(
    Letter(
        "export_ready",
        _("The copy of your data is ready"),
        (
            Line(_("the copy of your data that you asked for is ready.")),
            Line(_("Sign in to fetch it until {until}. After that it is deleted; you can ask for another one.")),
            Line(_("If it was not you who asked, change your password.")),
        ),
        purpose="legal_obligation",
    )
)
