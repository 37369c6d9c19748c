"""Where webhooks may go: web addresses are judged when they are written down, network addresses at every try."""

import ipaddress
import re
from enum import StrEnum
from urllib.parse import SplitResult, urlsplit

from suite.kernel import system
from suite.kernel.errors import InvalidInput
from suite.kernel.words import marked as _

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_VISIBLE = re.compile(r"[!-~]+")
_NAME = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?\.?")


class Reach(StrEnum):
    """Who reaches a network address: everybody, this machine and its networks, or nobody we would speak to."""

    PUBLIC = "public"
    PRIVATE = "private"
    NEVER = "never"


def _networks(*texts: str) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    return tuple(ipaddress.ip_network(text) for text in texts)


_PRIVATE = _networks(
    "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7"
)
# The IANA registries of special-purpose addresses, besides those above. Metadata services of clouds stand in the
# link-local network, and Azure's at an address that looks public: neither is anybody's webhook.
_NEVER = _networks(
    "0.0.0.0/8",
    "168.63.129.16/32",
    "169.254.0.0/16",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/3",
    "2001::/23",
    "2001:db8::/32",
    "3fff::/20",
)
_UNICAST = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def reach(address: Address) -> Reach:
    """Judge a network address; forms that carry an IPv4 address are judged by it."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = _carried(address)
        if inner is not None:
            return reach(inner)
    if _within(address, _PRIVATE):
        return Reach.PRIVATE
    if _within(address, _NEVER) or (isinstance(address, ipaddress.IPv6Address) and address not in _UNICAST):
        return Reach.NEVER
    return Reach.PUBLIC


def _within(address: Address, networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]) -> bool:
    return any(address.version == network.version and address in network for network in networks)


def _carried(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Give the IPv4 address inside a mapped, 6to4 or NAT64 address."""
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def usable(address: Address, *, scheme: str) -> bool:
    """Say whether a webhook may go to this address: in the open only to private ones, and there if we may at all."""
    found = reach(address)
    return (found is Reach.PUBLIC and scheme == "https") or (found is Reach.PRIVATE and private_allowed())


def private_allowed() -> bool:
    """Whether this installation sends webhooks to its own networks."""
    return system.current().settings.webhooks_private == "yes"


def check_url(url: str) -> str:
    """Give the web address as it is kept; InvalidInput says what is wrong with it.

    Its host is looked up and judged again at every try. An address that is written as a number is judged here too.
    """
    parts = _split(url)
    if parts is None:
        raise _refused(_("This is no usable web address."))
    if "@" in parts.netloc or "#" in url:
        raise _refused(_("A web address with credentials or a fragment is not accepted."))
    if parts.scheme != "https" and not (parts.scheme == "http" and private_allowed()):
        raise _refused(_("The web address must begin with https://."))
    try:
        address = ipaddress.ip_address(parts.hostname or "")
    except ValueError:
        return url
    if not usable(address, scheme=parts.scheme):
        raise _refused(_("Webhooks do not go to this network."))
    return url


def _split(url: str) -> SplitResult | None:
    """Take a web address apart; None when readers could disagree about what it says."""
    if not _VISIBLE.fullmatch(url) or "\\" in url:
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        named = ipaddress.IPv6Address(host) if "[" in parts.netloc else _NAME.fullmatch(host)
        return parts if named and parts.port != 0 else None
    except ValueError:
        return None


def _refused(sentence: str) -> InvalidInput:
    return InvalidInput(errors=[{"pointer": "/url", "message": sentence}])
