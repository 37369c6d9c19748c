"""On which ground each service counts visits, read from its declaration."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from suite.declarations import Basis, Part, Service
from suite.declarations.purposes import PURPOSES
from suite.privacy import may
from suite.services import SERVICES

_TRAFFIC = "traffic_statistics"


def ground_of(service: Service) -> str | None:
    """Give the purpose for which a service counts visits, a consent where it asks for one; None if it does not."""
    for feature in service.offers:
        if feature.part is Part.STATISTICS:
            return feature.consent.key if feature.consent else _TRAFFIC
    return _TRAFFIC if PURPOSES[_TRAFFIC] in service.purposes else None


GROUNDS: Final[Mapping[str, str]] = {
    key: ground for key, service in SERVICES.items() if (ground := ground_of(service)) is not None
}
"""The services that count visits, with the purpose each does it for."""


def asks(service: str) -> bool:
    """Say whether a service counts visits of those only who said yes (BUS-29, SCC-31)."""
    return PURPOSES[GROUNDS[service]].basis is Basis.CONSENT


def wanted_by(person_id: UUID, service: str) -> bool:
    """Say whether visits of a signed-in person may be noted: a front end asks before it sends anything."""
    return may(person_id, GROUNDS[service], service)
