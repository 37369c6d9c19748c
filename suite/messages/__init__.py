"""Mail and text messages: written in the transaction, delivered after it."""

from typing import NewType

from suite.declarations import Part
from suite.kernel.module import Module
from suite.messages import jobs as _jobs  # noqa: F401 - makes the jobs known
from suite.messages.delivery import product_name
from suite.messages.letters import SMS, Button, Code, CodeText, Letter, Line, all_letters, letter
from suite.messages.outbox import post, retry, text

PhoneNumber = NewType("PhoneNumber", str)
from suite.messages.privacy import declaration
from suite.messages.queries import TROUBLES, addressee, messages_of, troubled
from suite.messages.views import inbox_pages

module = Module(
    name="messages", declaration=declaration, development_pages=(inbox_pages,), provides=(Part.TEXT_MESSAGES,)
)

__all__ = [
    "product_name",
    "SMS",
    "Button",
    "Code",
    "CodeText",
    "Letter",
    "Line",
    "PhoneNumber",
    "TROUBLES",
    "addressee",
    "all_letters",
    "letter",
    "messages_of",
    "module",
    "post",
    "retry",
    "text",
    "troubled",
]
