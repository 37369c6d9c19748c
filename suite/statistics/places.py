"""Pages and sites, cut down until they name a place and nobody who was there."""

import re
from urllib.parse import urlsplit

MOST = 80
_PARTS = 6
_HIDDEN = ":part"
_OTHER = "other site"
# Words of letters, joined; what looks like a number, a token or an address is no name of a page.
_PLAIN = re.compile(r"[a-z]{1,20}(?:[-_.][a-z]{1,20}){0,5}|v[0-9]")
_HOST = re.compile(r"(?:[a-z0-9-]{1,40}\.){1,5}[a-z]{2,20}")


def page(address: str) -> str:
    """Give the path of a page without query and fragment, each part that may be a number or a name hidden."""
    path = re.split(r"[?#;]", _split(address)[1], maxsplit=1)[0].lower()
    parts = [part if _PLAIN.fullmatch(part) else _HIDDEN for part in path.split("/") if part]
    kept = "/" + "/".join(parts[:_PARTS])
    return kept if len(kept) <= MOST else kept[:MOST].rpartition("/")[0]


def before(address: str, own_hosts: frozenset[str]) -> str:
    """Give the page visited before: a path where it is one of ours, else the domain alone."""
    host, _ = _split(address)
    if not host or host in own_hosts:
        return page(address)
    if not _HOST.fullmatch(host):
        return _OTHER
    # People name sites below a shared domain after themselves; two labels, or three below such as co.uk, say enough.
    labels = host.split(".")
    return ".".join(labels[-3:] if len(labels) > 2 and len(labels[-2]) <= 3 else labels[-2:])[:MOST]


def _split(address: str) -> tuple[str, str]:
    """Give host and path of an address; what begins with no host is a path."""
    if "://" not in address and not address.startswith("//"):
        return "", address
    try:
        found = urlsplit(address)
        return (found.hostname or "").lower(), found.path
    except ValueError:
        return "", "/"
