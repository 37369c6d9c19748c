"""All services, in the order of the policy."""

from collections.abc import Iterable, Mapping
from typing import Final

from suite.declarations.fields import Part
from suite.declarations.services import Service
from suite.services.business_hub import business_hub
from suite.services.cloud_console import cloud_console
from suite.services.company_account import company_account
from suite.services.motorsport import motorsport
from suite.services.my_account import my_account
from suite.services.office365 import office365
from suite.services.partner_portal import partner_portal
from suite.services.report_parser import report_parser
from suite.services.web_forms import web_forms

SERVICES: Final[Mapping[str, Service]] = {
    each.key: each
    for each in (
        my_account,
        motorsport,
        business_hub,
        cloud_console,
        office365,
        company_account,
        partner_portal,
        report_parser,
        web_forms,
    )
}


def service(key: str) -> Service:
    """Give the service of that key; an unknown key is a KeyError."""
    return SERVICES[key]


def open_services(parts: Iterable[Part]) -> tuple[Service, ...]:
    """Give the services people can register for when these parts are there."""
    there = frozenset(parts)
    return tuple(each for each in SERVICES.values() if each.opens_with(there))
