"""What people do with their consents: look back, get receipts, unsubscribe with one click, choose cookies."""

from suite.consents.beacons import beacons_allowed
from suite.consents.cookies import consented as cookie_consented
from suite.consents.cookies import set_download_cookie
from suite.consents.privacy import declaration
from suite.consents.unsubscribing import API as UNSUBSCRIBE_API
from suite.consents.unsubscribing import PAGE as UNSUBSCRIBE_PAGE
from suite.consents.unsubscribing import token_for as unsubscribe_token
from suite.consents.views import api, pages
from suite.kernel.module import Module

module = Module(name="consents", declaration=declaration, api=api, pages=(pages,))

__all__ = [
    "UNSUBSCRIBE_API",
    "UNSUBSCRIBE_PAGE",
    "beacons_allowed",
    "cookie_consented",
    "module",
    "set_download_cookie",
    "unsubscribe_token",
]
