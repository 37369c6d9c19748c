"""A sender whose server gets a rest when it keeps messages waiting in vain."""

from typing import Any

from suite.kernel.patience import Patience, Resting
from suite.messages.errors import NotDelivered
from suite.messages.models import Message
from suite.messages.rendering import Rendered
from suite.privacy import Exit


class Patient:
    """Hands messages to a sender, as long as its server is to be asked."""

    def __init__(self, sender: Any) -> None:
        self.sender = sender
        self._patience = Patience()

    def send(self, way: Exit, message: Message, to: str, rendered: Rendered) -> str:
        """Hand over one message, or say at once that the server rests."""
        try:
            with self._patience.conversation():
                return str(self.sender.send(way, message, to, rendered))
        except Resting as rest:
            raise NotDelivered(rest.code) from None
