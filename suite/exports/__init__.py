"""Copies of everything held about a person, written from the declarations alone."""

from suite.exports import jobs as _jobs  # noqa: F401 - makes the jobs known
from suite.exports.asking import READY, begin
from suite.exports.errors import ExportRunning
from suite.exports.making import write_copy
from suite.exports.privacy import declaration
from suite.exports.views import api, pages
from suite.kernel.module import Module

module = Module(name="exports", declaration=declaration, api=(api,), pages=(pages,))

__all__ = ["READY", "ExportRunning", "begin", "module", "write_copy"]
