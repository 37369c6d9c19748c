"""Why a message did not leave, and the refusals of the callbacks."""

from suite.kernel.errors import Refusal
from suite.kernel.words import marked as _


class NotDelivered(Exception):
    """The message did not leave: `final` when trying again is useless, `unsure` when it may have left.

    `rest` is for how many seconds the server asked to be left alone.
    """

    def __init__(self, code: str, *, final: bool = False, unsure: bool = False, rest: float = 0.0) -> None:
        super().__init__(code)
        self.code = code
        self.final = final
        self.unsure = unsure
        self.rest = rest


class WrongSignature(Refusal):
    status, code, title = 403, "wrong_signature", _("The signature is missing or does not fit.")
