"""What people do with their consents: look back, get receipts, unsubscribe with one click, choose cookies."""

from suite.consents import unsubscribing
from suite.consents.beacons import beacons_allowed
from suite.consents.cookies import consented as cookie_consented
from suite.consents.cookies import set_download_cookie
from suite.consents.privacy import declaration
from suite.consents.views import api, pages
from suite.kernel.module import Module

module = Module(name="consents", declaration=declaration, api=api, pages=(pages,))

__all__ = ["beacons_allowed", "cookie_consented", "module", "set_download_cookie", "unsubscribing"]
