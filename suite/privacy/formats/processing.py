"""What each service does with data, purpose by purpose: the rows that every format writes in its own way."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Content = Mapping[str, Any]


@dataclass(frozen=True)
class Processing:
    """One purpose of one service, with everything that is declared about it."""

    service: Content
    purpose: Content
    data: Mapping[str, str]
    recipients: tuple[Content, ...]

    @property
    def deadlines(self) -> list[str]:
        """Say when the data go."""
        after = (
            "after leaving the service or closing the account" if self.service["has_accounts"] else "after a request"
        )
        inactivity = self.service["inactivity_says"]
        return [
            f"{self.service['keep_after_closure_says']} {after}",
            *(clock["says"] for clock in self.service["clocks"]),
            *([f"{inactivity} without use"] if inactivity else []),
            f"backups {self.service['backups_says']} after they were made",
        ]


def processings(content: Content) -> Iterator[Processing]:
    """Give every purpose of every service; one that asks for nothing of its own uses what the service asks for."""
    found = content["catalogue"]
    purposes = {purpose["key"]: purpose for purpose in found["purposes"]}
    for service in found["services"]:
        asked = [*service["asks"], *(ask for form in service["forms"] for ask in form["asks"])]
        for key in service["purposes"]:
            own = [ask for ask in asked if ask["purpose"] == key] + _kept(found, key)
            data = {one["category"]: one["says"] for one in own or asked}
            receiving = tuple(one for one in found["recipients"] if key in one["purposes"])
            yield Processing(service, purposes[key], data, receiving)


def _kept(found: Content, purpose: str) -> list[Content]:
    """Give the data of the records that serve a purpose."""
    return [
        datum
        for record in found["records"]
        if record["about_people"] and purpose in record["purposes"]
        for datum in record["holds"]
    ]
