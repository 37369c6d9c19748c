"""Statistics that lead to nobody: visits are noted taken apart, counted by day, and shown to staff."""

from suite.declarations import Part
from suite.kernel.module import Module
from suite.statistics.jobs import count as count_job
from suite.statistics.privacy import declaration
from suite.statistics.views import api

module = Module(name="statistics", declaration=declaration, api=api, provides=(Part.STATISTICS,))

__all__ = ["count_job", "module"]
