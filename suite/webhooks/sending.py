"""The one way out: each server is asked as often as it answers, and slow ones hold one thread together."""

import threading
from urllib.parse import urlsplit

from suite.kernel.patience import Patience, Resting
from suite.privacy import Exit, must_lead
from suite.webhooks.conversation import Conversation
from suite.webhooks.errors import NotDelivered
from suite.webhooks.privacy import CONNECTED

_turn = threading.BoundedSemaphore(1)
_patience: dict[str, Patience] = {}


def post(way: Exit, url: str, headers: dict[str, str], body: bytes) -> int:
    """Hand one event over; give the status, which is 200 to 299. NotDelivered says why it did not arrive."""
    must_lead(way, CONNECTED.key)
    target = urlsplit(url)
    patience = _patience.setdefault(f"{target.scheme}://{target.netloc}", Patience(_turn))
    try:
        with patience.conversation():
            answer = Conversation(target, headers, body).result()
            if answer.status // 100 != 2:
                raise NotDelivered(f"http_{answer.status}", status=answer.status, wait=answer.wait)
            return answer.status
    except Resting as rest:
        raise NotDelivered(rest.code, asked=False) from None
