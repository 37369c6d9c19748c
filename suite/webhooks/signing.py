"""Signatures as Standard Webhooks wants them: HMAC-SHA256 over id, time and body, one per valid secret."""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from suite.kernel.secrets import SIGNING_PREFIX, same


def signature(secret: str, webhook_id: str, seconds: int, body: bytes) -> str:
    """Sign what is sent with one secret."""
    key = base64.b64decode(secret.removeprefix(SIGNING_PREFIX), validate=True)
    digest = hmac.new(key, f"{webhook_id}.{seconds}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def headers(secrets: Iterable[str], webhook_id: UUID, at: datetime, body: bytes) -> dict[str, str]:
    """Give the three headers a receiver judges; signatures of several secrets stand side by side."""
    seconds = int(at.timestamp())
    return {
        "webhook-id": str(webhook_id),
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(signature(secret, str(webhook_id), seconds, body) for secret in secrets),
    }


def fits(given: str, secret: str, webhook_id: str, seconds: int, body: bytes) -> bool:
    """Say whether one of the signatures side by side in a header is ours to this secret; an empty one fits nothing."""
    if not secret.removeprefix(SIGNING_PREFIX):
        return False
    right = signature(secret, webhook_id, seconds, body)
    return any(same(right, one) for one in given.split(" "))
