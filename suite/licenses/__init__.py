"""Licences: codes, holders, devices they are used on, files that prove them offline."""

from suite.declarations import Part
from suite.kernel.module import Module
from suite.licenses import models as _models  # noqa: F401 - makes the tables known
from suite.licenses import reminding as _reminding  # noqa: F401 - says what there is to remind of
from suite.licenses.errors import CodeMistyped, LicenseNotAccepted, TooManyCodesTried
from suite.licenses.finding import for_holder, for_service
from suite.licenses.holdings import Holder, let_go, of_company, of_person
from suite.licenses.holdings import take as hold
from suite.licenses.issuing import Issued, issue
from suite.licenses.privacy import declaration
from suite.licenses.products import ProductsFileUnusable, catalogue
from suite.licenses.products import check as check_products
from suite.licenses.terms import State, state_of
from suite.licenses.views import api

module = Module(name="licenses", declaration=declaration, api=api, provides=(Part.LICENSES,))

__all__ = [
    "CodeMistyped",
    "Holder",
    "Issued",
    "LicenseNotAccepted",
    "ProductsFileUnusable",
    "State",
    "TooManyCodesTried",
    "catalogue",
    "check_products",
    "for_holder",
    "for_service",
    "hold",
    "issue",
    "let_go",
    "module",
    "of_company",
    "of_person",
    "state_of",
]
