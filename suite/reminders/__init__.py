"""Reminders of what is about to end: planned as rows, claimed once, sent or dropped with a reason."""

from suite.kernel.module import Module
from suite.reminders import models as _models  # noqa: F401 - makes the tables known
from suite.reminders.privacy import declaration

module = Module(name="reminders", declaration=declaration)

__all__ = ["module"]
