"""The services of the policy, one file each, and the names a vendor gives them."""

from suite.services.listing import SERVICES, open_services, service
from suite.services.vendor import Vendor

__all__ = ["SERVICES", "Vendor", "open_services", "service"]
