"""Why a message did not leave."""


class NotDelivered(Exception):
    """The message did not leave: `final` when trying again is useless, `unsure` when it may have left."""

    def __init__(self, code: str, *, final: bool = False, unsure: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.final = final
        self.unsure = unsure
