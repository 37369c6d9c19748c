"""Checks of what stands on this machine: settings, folder, declarations, the vendor's entries."""

import difflib
import os
import shutil
import stat
import tempfile
from collections.abc import Generator, Iterator
from dataclasses import fields
from pathlib import Path

from suite.commands.doctor.findings import Finding, fail, ok, warn
from suite.kernel import system
from suite.settings import PREFIX, Settings, SettingsError, load

_LEAST_ROOM = 500 * 1024 * 1024


def settings() -> Generator[Finding, None, Settings | None]:
    """Check every setting, and look for variables that are none; give the settings if they can be used."""
    try:
        found = load()
    except SettingsError as problem:
        for name, sentence in sorted(problem.mistakes.items()):
            yield fail("settings", f"{name}: {sentence}")
        return None
    strange = sorted(_strange())
    for name in strange:
        near = difflib.get_close_matches(name, _names(), n=1)
        yield warn("settings", f"{name} is no setting and does nothing." + (f" Is {near[0]} meant?" if near else ""))
    if not strange:
        yield ok("settings", f"They can be used; this is a {found.environment} installation for {found.public_url}.")
    return found


def _names() -> list[str]:
    return [PREFIX + setting.name.upper() for setting in fields(Settings)]


def _strange() -> Iterator[str]:
    known = {name + ending for name in _names() for ending in ("", "_FILE")}
    return (name for name in os.environ if name.startswith(PREFIX) and name not in known)


def folder(place: Path) -> Iterator[Finding]:
    """Check that the data folder can be written and has room."""
    try:
        place.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=place) as file:
            file.write(b"ready")
        room = shutil.disk_usage(place).free
    except OSError as problem:
        yield fail("data folder", f"{place} cannot be written ({problem.strerror}): mend its rights or its disk.")
        return
    if room < _LEAST_ROOM:
        yield warn("data folder", f"{place} has only {room // 2**20} MB left: make room before it is full.")
    else:
        yield ok("data folder", f"{place} can be written; {room / 2**30:.1f} GB are free.")
    yield from _key_file(place / "keys")


def _key_file(path: Path) -> Iterator[Finding]:
    if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
        yield fail("key file", f"Others on this machine can read {path}: run `chmod 600 {path}`.")


def declarations(chosen: Settings) -> Generator[Finding, None, bool]:
    """Start everything but the web, which reads the declarations; say whether it started."""
    from suite import app
    from suite.licenses import ProductsFileUnusable
    from suite.privacy import NotDeclared, declared
    from suite.services.vendor import VendorFileUnusable

    try:
        app.start(chosen)
    except NotDeclared as problem:
        for sentence in problem.sentences:
            yield fail("declarations", sentence)
        return False
    except VendorFileUnusable as problem:
        yield fail("vendor file", str(problem))
        return False
    except ProductsFileUnusable as problem:
        yield fail("products file", str(problem))
        return False
    known = declared()
    tables = sum(1 for _ in known.tables())
    yield ok("declarations", f"{tables} tables and {len(known.services)} services are declared.")
    return True


def vendor() -> Iterator[Finding]:
    """Check that what the law wants in the notice is filled in."""
    from suite import app

    chosen = system.current().settings
    missing = app.vendor_of(chosen).unset()
    if not missing:
        yield ok("vendor file", "Every contact and document of the notice is filled in.")
        return
    says = f"Empty: {', '.join(missing)}. Fill them in in the file that SUITE_VENDOR_FILE names"
    if chosen.production:
        yield fail("vendor file", f"{says}: people must be able to find them in the notice.")
    else:
        yield warn("vendor file", f"{says} before real people come.")


def products() -> Iterator[Finding]:
    """Check that the products file knows everything licences were issued for."""
    from suite.licenses import ProductsFileUnusable, catalogue, check_products

    try:
        check_products()
    except ProductsFileUnusable as problem:
        yield fail("products file", str(problem))
        return
    known = catalogue()
    yield ok("products file", f"{len(known.products)} products and {len(known.policies)} policies can be sold.")
