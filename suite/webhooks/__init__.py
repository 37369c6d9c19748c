"""Webhooks: telling connected systems what happened to an account."""

from suite.kernel.module import Module
from suite.webhooks import jobs as _jobs  # noqa: F401 - makes the jobs known
from suite.webhooks.events import EVENTS
from suite.webhooks.outbox import emit
from suite.webhooks.privacy import CONNECTED, declaration
from suite.webhooks.signing import fits, signature
from suite.webhooks.views import api

module = Module(name="webhooks", declaration=declaration, api=(api,))

EXITS = (CONNECTED.key,)

__all__ = ["CONNECTED", "EVENTS", "EXITS", "emit", "fits", "module", "signature"]
