"""Mail and text messages: written in the transaction, delivered after it."""

from suite.declarations import Part
from suite.kernel.module import Module
from suite.messages import jobs as _jobs  # noqa: F401 - makes the jobs known
from suite.messages.contents import PROVIDERS
from suite.messages.delivery import product_name
from suite.messages.letters import (
    Button,
    Code,
    CodeText,
    Letter,
    Line,
    PhoneNumber,
    all_letters,
    all_texts,
    code_text,
    letter,
)
from suite.messages.outbox import post, retry, text
from suite.messages.privacy import declaration
from suite.messages.queries import TROUBLES, addressee, messages_of, troubled
from suite.messages.views import callbacks, inbox_pages

module = Module(
    name="messages",
    declaration=declaration,
    api=(callbacks,),
    development_pages=(inbox_pages,),
    provides=(Part.TEXT_MESSAGES,),
)

EXITS = tuple(PROVIDERS.values())

__all__ = [
    "EXITS",
    "TROUBLES",
    "Button",
    "Code",
    "CodeText",
    "Letter",
    "Line",
    "PhoneNumber",
    "addressee",
    "all_letters",
    "all_texts",
    "code_text",
    "letter",
    "messages_of",
    "module",
    "post",
    "product_name",
    "retry",
    "text",
    "troubled",
]
