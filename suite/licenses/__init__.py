"""Licences: codes, holders, devices they are used on, files that prove them offline."""

from suite.declarations import Part
from suite.kernel.module import Module
from suite.licenses import jobs as _jobs  # noqa: F401 - makes the jobs known
from suite.licenses import joining as _joining  # noqa: F401 - keeps the licence of who joins a company
from suite.licenses import models as _models  # noqa: F401 - makes the tables known
from suite.licenses import reminding as _reminding  # noqa: F401 - says what there is to remind of
from suite.licenses.errors import CodeMistyped, LicenseNotAccepted, TooManyCodesTried
from suite.licenses.finding import for_holder, for_service
from suite.licenses.holdings import Holder, let_go, of_company, of_person
from suite.licenses.holdings import take as hold
from suite.licenses.issuing import Issued, issue
from suite.licenses.keyfiles import make as make_key_file
from suite.licenses.privacy import declaration
from suite.licenses.products import ProductsFileUnusable, catalogue
from suite.licenses.products import check as check_products
from suite.licenses.rights import (
    Right,
    configured_by_product,
    may_manage,
    may_remove,
    may_use,
    require_manage,
    require_removal,
    require_use,
)
from suite.licenses.signing import rotate as rotate_key
from suite.licenses.terms import State, state_of
from suite.licenses.views import api

module = Module(name="licenses", declaration=declaration, api=api, provides=(Part.LICENSES,))

__all__ = [
    "CodeMistyped",
    "Holder",
    "Issued",
    "LicenseNotAccepted",
    "ProductsFileUnusable",
    "Right",
    "State",
    "TooManyCodesTried",
    "catalogue",
    "check_products",
    "configured_by_product",
    "for_holder",
    "for_service",
    "hold",
    "issue",
    "let_go",
    "make_key_file",
    "may_manage",
    "may_remove",
    "may_use",
    "module",
    "of_company",
    "of_person",
    "require_manage",
    "require_removal",
    "require_use",
    "rotate_key",
    "state_of",
]
