"""What is told about a client: classes from short lists, and its network without the part that is the caller's."""

import ipaddress
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

# What is looked for in the User-Agent, first match first: browsers name those they descend from.
_BROWSERS = (
    ("EdgA/", "edge"),
    ("Edg/", "edge"),
    ("OPR/", "opera"),
    ("SamsungBrowser/", "samsung internet"),
    ("YaBrowser/", "yandex"),
    ("Firefox/", "firefox"),
    ("FxiOS/", "firefox"),
    ("CriOS/", "chrome"),
    ("Chrome/", "chrome"),
    ("Safari/", "safari"),
    ("Suite/", "our app"),
)
_SYSTEMS = (
    ("Android", "android"),
    ("iPhone", "ios"),
    ("iPad", "ios"),
    ("iOS", "ios"),
    ("Windows", "windows"),
    ("Macintosh", "macos"),
    ("CrOS", "chromeos"),
    ("Linux", "linux"),
)
_DEVICES = (
    ("iPad", "ipad"),
    ("iPhone", "iphone"),
    ("Tablet", "tablet"),
    ("SM-", "samsung"),
    ("Pixel", "pixel"),
    ("Mobile", "other phone"),
    ("Android", "other phone"),
    ("Macintosh", "mac"),
    ("Windows", "computer"),
    ("Linux", "computer"),
    ("CrOS", "chromebook"),
)
_WIDTHS = (480, 768, 1280, 1920)
_SCREENS = ("below 480", "480 to 767", "768 to 1279", "1280 to 1919", "1920 and more")
_SECONDS = (10, 30, 60, 180, 600)
_TIMES = ("below 10 s", "10 to 29 s", "30 to 59 s", "1 to 3 min", "3 to 10 min", "10 min and more")


@dataclass(frozen=True)
class Client:
    """The classes a caller falls into."""

    browser: str
    system: str
    device: str
    network: str

    def properties(self) -> Iterator[tuple[str, str]]:
        """Give dimension and value of each."""
        yield from (("browser", self.browser), ("system", self.system), ("device", self.device))
        yield "network", self.network


def client(user_agent: str, address: str) -> Client:
    """Tell the classes of a caller from what every request carries."""
    return Client(
        _first(_BROWSERS, user_agent), _first(_SYSTEMS, user_agent), _first(_DEVICES, user_agent), _net(address)
    )


def screen(width: int) -> str:
    """Give the class of a screen by its width in pixels."""
    return _SCREENS[bisect_right(_WIDTHS, width)]


def time_spent(seconds: int) -> str:
    """Give the class of a time on a page."""
    return _TIMES[bisect_right(_SECONDS, seconds)]


def _first(known: tuple[tuple[str, str], ...], text: str) -> str:
    return next((name for sign, name in known if sign in text), "other")


def _net(text: str) -> str:
    """Give the provider's part of an address: /16 of IPv4, /32 of IPv6; no finer one is ever stored (Amb-5)."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return "other"
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return str(ipaddress.ip_network((address, 16 if address.version == 4 else 32), strict=False))
