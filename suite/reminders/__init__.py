"""Reminders of what is about to end: planned as rows, claimed once, sent or dropped with a reason.

A module above says what ends, whom it concerns and what they are told: `remind_of(Source(...))`.
"""

from suite.kernel.module import Module
from suite.reminders import models as _models  # noqa: F401 - makes the tables known
from suite.reminders.jobs import run_reminders
from suite.reminders.privacy import declaration
from suite.reminders.run import run
from suite.reminders.sending import still_wanted
from suite.reminders.sources import Asked, Ending, Source, remind_of
from suite.reminders.views import blp

module = Module(name="reminders", declaration=declaration, api=(blp,))

__all__ = ["Asked", "Ending", "Source", "module", "remind_of", "run", "run_reminders", "still_wanted"]
