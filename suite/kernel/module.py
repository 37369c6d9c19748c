"""What a module hands to the application: a name, declarations, blueprints, parts it provides."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint as FlaskBlueprint

from suite.declarations import Declaration, Part
from suite.kernel.access import Actor
from suite.kernel.api import Blueprint

Recogniser = Callable[[str, str], Actor | None]


@dataclass(frozen=True)
class Module:
    """One module; `recognise(credential, client)` turns a token or cookie into an actor."""

    name: str
    declaration: Declaration
    api: tuple[Blueprint, ...] = ()
    pages: tuple[FlaskBlueprint, ...] = ()
    development_pages: tuple[FlaskBlueprint, ...] = ()
    provides: tuple[Part, ...] = ()
    recognise: Recogniser | None = None
