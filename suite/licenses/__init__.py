"""Licences: codes, holders, devices they are used on, files that prove them offline."""

from suite.kernel.module import Module
from suite.licenses import models as _models  # noqa: F401 - makes the tables known
from suite.licenses.privacy import declaration

module = Module(name="licenses", declaration=declaration)

__all__ = ["module"]
