"""The refusals of the webhooks module, and why an event did not arrive."""

from datetime import timedelta

from suite.kernel.errors import Later, Refusal
from suite.kernel.words import marked as _


class EndpointDisabled(Refusal):
    status, code, title = 409, "endpoint_disabled", _("This endpoint is disabled. Enable it first.")


class DeliveryWaits(Refusal):
    status, code, title = 409, "delivery_waits", _("This event is on its way already.")


class SecretJustRotated(Later):
    status, code = 409, "secret_just_rotated"
    title = _("The secret was renewed within the last 24 hours, and the one before still signs.")


class NotDelivered(Exception):
    """The event did not arrive.

    `status` is what the endpoint answered, `wait` how long it wants to be left alone, and `asked` is false when it
    was not spoken to at all. An endpoint that is `gone` wants no more events.
    """

    def __init__(
        self, code: str, *, status: int | None = None, wait: timedelta | None = None, asked: bool = True
    ) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.wait = wait
        self.asked = asked

    @property
    def gone(self) -> bool:
        """Whether the endpoint said that it is not there any more and will not be."""
        return self.status == 410
