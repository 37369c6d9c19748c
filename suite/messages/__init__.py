"""Mail and text messages: written in the transaction, delivered after it."""

from suite.kernel.module import Module
from suite.messages import jobs as _jobs  # noqa: F401 - makes the jobs known
from suite.messages.letters import SMS, Button, Code, Letter, Line, all_letters, letter
from suite.messages.outbox import post, retry
from suite.messages.privacy import declaration
from suite.messages.views import inbox_pages

module = Module(name="messages", declaration=declaration, development_pages=(inbox_pages,))

__all__ = ["SMS", "Button", "Code", "Letter", "Line", "all_letters", "letter", "module", "post", "retry"]
