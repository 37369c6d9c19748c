"""Whose voice it is: a product proves itself by Standard Webhooks, over the bytes as they came.

A name with a dot in it is refused, because the dot parts name, time and body in what is signed: with one in the name,
the same signature would fit another division of the same text.
"""

import re
from datetime import timedelta
from typing import Final

from suite.kernel import clock
from suite.licenses import connections
from suite.licenses.errors import EventHeadersMissing, EventNotSigned, EventOutsideWindow
from suite.licenses.hearing import Voice
from suite.webhooks import fits

WINDOW: Final = timedelta(minutes=5)
ID: Final = r"[!-\-/-~]{1,128}"
SECONDS: Final = r"[0-9]{1,12}"
SIGNATURES: Final = r"v1a?,[A-Za-z0-9+/=]{1,200}( v1a?,[A-Za-z0-9+/=]{1,200}){0,9}"


def recognise(product: str, name: str, seconds: str, signatures: str, body: bytes) -> Voice:
    """Give the connection whose secret signed this; of an unknown product no secret fits."""
    given = ((ID, name), (SECONDS, seconds), (SIGNATURES, signatures))
    if not all(re.fullmatch(pattern, text, re.ASCII) for pattern, text in given):
        raise EventHeadersMissing
    if abs(clock.now().timestamp() - int(seconds)) > WINDOW.total_seconds():
        raise EventOutsideWindow
    for connection_id, secret in connections.secrets_of(product):
        if fits(signatures, secret, name, int(seconds), body):
            return Voice(connection_id, product, name)
    raise EventNotSigned
