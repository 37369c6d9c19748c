"""Rights: requests about personal data, restriction, objection, and the work list of privacy officers."""

from suite.kernel.module import Module
from suite.rights.desk import overdue
from suite.rights.privacy import declaration
from suite.rights.views import api, pages

module = Module(name="rights", declaration=declaration, api=api, pages=(pages,))

__all__ = ["module", "overdue"]
