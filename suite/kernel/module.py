"""What a module hands to the application: a name, declarations, blueprints, parts it provides."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from flask import Blueprint as FlaskBlueprint

from suite.declarations import Declaration, Part
from suite.kernel.access import Actor
from suite.kernel.api import Blueprint

Recogniser = Callable[[str, str], Actor | None]


@dataclass(frozen=True)
class Module:
    """One module; `recognise(credential, client)` turns a token or cookie that begins with `prefix` into an actor."""

    name: str
    declaration: Declaration
    api: tuple[Blueprint, ...] = ()
    pages: tuple[FlaskBlueprint, ...] = ()
    development_pages: tuple[FlaskBlueprint, ...] = ()
    provides: tuple[Part, ...] = ()
    recognise: Recogniser | None = None
    prefix: str = ""


def recogniser(modules: Iterable[Module]) -> Recogniser:
    """Give one function for the credentials of all modules; the longest fitting prefix decides whose it is."""
    known = sorted(
        ((module.prefix, module.recognise) for module in modules if module.recognise is not None),
        key=lambda one: -len(one[0]),
    )

    def recognise(credential: str, client: str) -> Actor | None:
        for prefix, look_up in known:
            if credential.startswith(prefix):
                return look_up(credential, client)
        return None

    return recognise
