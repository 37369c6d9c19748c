"""Products and the policies their licences are sold under, read from a file: declared, not coded per case."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select

from suite.declarations import Period
from suite.kernel import db, system
from suite.licenses.models import LicenseBatch
from suite.services import SERVICES

DEFAULT_FILE: Final = Path(__file__).with_name("products.toml")
STARTS: Final = ("issue", "first_use")


class ProductsFileUnusable(ValueError):
    """The products file cannot be used; the sentence says why."""


@dataclass(frozen=True)
class Policy:
    """How licences run: for how long (`lasts`, None: without an end), from when, on how many devices.

    `overuse` is how many devices more than `seats` are let in; `grace` how long a licence still works after its end;
    `offline` how long a licence file is trusted without asking the server again.
    """

    key: str
    says: str
    lasts: Period | None
    starts: str
    seats: int
    overuse: int
    grace: Period
    offline: Period
    trial: bool


@dataclass(frozen=True)
class Product:
    """A product: the services whose members may hold its licences, and the policies it is sold under.

    With `rights` the product itself says who may manage and use its licences (BUS-23, BUS-24).
    """

    key: str
    title: str
    services: tuple[str, ...]
    policies: tuple[str, ...]
    rights: bool = False


@dataclass(frozen=True)
class Catalogue:
    """Every product and policy."""

    products: Mapping[str, Product] = field(default_factory=dict)
    policies: Mapping[str, Policy] = field(default_factory=dict)


def catalogue() -> Catalogue:
    """Give the products of this installation."""
    named = system.current().settings.products_file
    return load(Path(named) if named else DEFAULT_FILE)


@cache
def load(path: Path) -> Catalogue:
    """Read a products file; ProductsFileUnusable says in one sentence everything that is wrong with it."""
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise ProductsFileUnusable(f"The products file {path.name} cannot be read: {problem.strerror}.") from problem
    except ValueError as problem:
        raise ProductsFileUnusable(f"The products file {path.name} is not TOML: {problem}.") from problem
    wrong: list[str] = [f"{name} is unknown" for name in given if name not in {"policies", "products"}]
    policies = {key: _policy(key, table, wrong) for key, table in _tables(given, "policies", wrong)}
    products = {key: _product(key, table, policies, wrong) for key, table in _tables(given, "products", wrong)}
    if wrong:
        raise ProductsFileUnusable(f"The products file {path.name} cannot be used: {'; '.join(wrong)}.")
    return Catalogue(products, policies)


def check() -> None:
    """Refuse a products file without a product or policy that licences name: it could not be said how they run."""
    known, batches = catalogue(), LicenseBatch
    with db.reading() as connection:
        named = connection.execute(select(batches.product, batches.policy).distinct()).all()
    missing = {one.product for one in named} - known.products.keys() | {
        one.policy for one in named
    } - known.policies.keys()
    if missing:
        names = ", ".join(sorted(missing))
        raise ProductsFileUnusable(f"The products file lacks {names}, which licences were issued for: put it back.")


def _tables(given: Mapping[str, Any], place: str, wrong: list[str]) -> Iterable[tuple[str, dict[str, Any]]]:
    found = given.get(place)
    if not isinstance(found, dict) or not found:
        wrong.append(f"{place} is missing")
        return
    for key, table in found.items():
        if not isinstance(table, dict):
            wrong.append(f"{place}.{key} must be a table")
        elif not (key.isascii() and key.replace("-", "").isalnum() and len(key) <= 80):
            wrong.append(f"{place}.{key} must be lower-case letters, digits and dashes")
        else:
            yield key, table


def _policy(key: str, table: dict[str, Any], wrong: list[str]) -> Policy:
    place = f"policies.{key}"
    _known(table, {"says", "lasts", "starts", "seats", "overuse", "grace", "offline", "trial"}, place, wrong)
    starts = _text(table, "starts", place, wrong)
    if starts and starts not in STARTS:
        wrong.append(f"{place}.starts must be one of {', '.join(STARTS)}")
    return Policy(
        key=key,
        says=_text(table, "says", place, wrong),
        lasts=_period(table, "lasts", place, wrong) if "lasts" in table else None,
        starts=starts,
        seats=_count(table, "seats", 1, place, wrong),
        overuse=_count(table, "overuse", 0, place, wrong),
        grace=_period(table, "grace", place, wrong) if "grace" in table else Period(),
        offline=_period(table, "offline", place, wrong),
        trial=table.get("trial") is True,
    )


def _product(key: str, table: dict[str, Any], policies: Mapping[str, Policy], wrong: list[str]) -> Product:
    place = f"products.{key}"
    _known(table, {"title", "services", "policies", "rights"}, place, wrong)
    return Product(
        key=key,
        title=_text(table, "title", place, wrong),
        services=_names(table, "services", SERVICES, place, wrong),
        policies=_names(table, "policies", policies, place, wrong),
        rights=table.get("rights") is True,
    )


def _known(table: dict[str, Any], names: set[str], place: str, wrong: list[str]) -> None:
    wrong += [f"{place}.{name} is unknown" for name in table if name not in names]
    wrong += [
        f"{place}.{name} must be true or false"
        for name in names & {"trial", "rights"}
        if not isinstance(table.get(name, False), bool)
    ]


def _text(table: dict[str, Any], name: str, place: str, wrong: list[str]) -> str:
    found = table.get(name)
    if isinstance(found, str) and found:
        return found
    wrong.append(f"{place}.{name} must be text")
    return ""


def _count(table: dict[str, Any], name: str, least: int, place: str, wrong: list[str]) -> int:
    found = table.get(name, least)
    if type(found) is int and least <= found <= 1_000_000:
        return found
    wrong.append(f"{place}.{name} must be a whole number from {least} to 1000000")
    return least


def _period(table: dict[str, Any], name: str, place: str, wrong: list[str]) -> Period:
    try:
        return Period.parse(table.get(name, ""))
    except (TypeError, ValueError):
        wrong.append(f"{place}.{name} must be an ISO 8601 duration such as P12M or P30D")
        return Period()


def _names(
    table: dict[str, Any], name: str, known: Mapping[str, object], place: str, wrong: list[str]
) -> tuple[str, ...]:
    found = table.get(name)
    if not isinstance(found, list) or not found or not all(isinstance(one, str) for one in found):
        wrong.append(f"{place}.{name} must be a list of names")
        return ()
    wrong += [f"{place}.{name} names {one}, which is not there" for one in found if one not in known]
    return tuple(found)
