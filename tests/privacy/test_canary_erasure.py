"""Canary erasure: after a random life and its limits, no byte of it is left in any store."""

import base64
import gzip
import io
import os
import zipfile

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from suite.kernel import log, system
from tests import canaries
from tests.conftest import empty
from tests.people import Outbox, People
from tests.privacy.histories import history
from tests.privacy.life_steps import STEPS
from tests.privacy.living import every_step, left_after, live_together, missing_in_copies, no_backups
from tests.privacy.officials import around


@pytest.mark.policy("DEC-10", "DEC-7", "RIG-2", "MYK-66", "MOT-17", "BUS-34", "SCC-36", "PAR-22", "PAR-23", "GEN-25")
def test_a_life_is_whole_in_its_copy_and_no_byte_of_it_is_left_after_its_limits(
    people: People, outbox: Outbox, capsys: pytest.CaptureFixture[str]
) -> None:
    log.start("debug", "json")
    written = [capsys.readouterr()][:0]
    no_backups()
    chosen = every_step(4)

    @settings(
        max_examples=3,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(drawn=history(sorted(STEPS)))
    def draw(drawn: tuple[str, list[str], int]) -> None:
        chosen.append(drawn)

    def logged() -> str:
        written.append(capsys.readouterr())
        return "".join(one.err + one.out for one in written)

    try:
        draw()
        with canaries.open_seals(), around(people, outbox) as world:
            lives = live_together(world, chosen)
            missing = missing_in_copies(lives)
            left = left_after(lives, logged)
    finally:
        log.start(system.current().settings.log_level, system.current().settings.log_format)
        empty(system.current())
        no_backups()

    assert sum(len(life.canaries) for life in lives) > 200
    assert missing == []
    assert left == []


# --- the search itself


FORMS = {
    "plain": lambda word: word.encode(),
    "UTF-16": lambda word: word.encode("utf-16"),
    "base64 after one byte": lambda word: base64.b64encode(b"x" + word.encode() + b"yz"),
    "base64 after two bytes": lambda word: base64.urlsafe_b64encode(b"xx" + word.encode() + b"y"),
    "hex": lambda word: word.encode().hex().upper().encode(),
    "JSON": lambda word: word.encode("ascii", "backslashreplace"),
    "gzip": lambda word: os.urandom(50) + gzip.compress(b"before " + word.encode()) + os.urandom(50),
    "zip": lambda word: _zipped(word + "\n"),
    "zip that was cut off": lambda word: _zipped(word)[:-60],
    "gzip in base64 in zip": lambda word: _zipped(word + "\n", nested=True),
    "sha1": lambda word: __import__("hashlib").sha1(word.encode()).hexdigest().encode(),
}


def _zipped(word: str, *, nested: bool = False) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        content = gzip.compress(word.strip().encode() * 3) if nested else word.encode() * 20
        archive.writestr("index.html", content)
    return b"head" + made.getvalue()


@pytest.mark.parametrize("form", FORMS)
def test_the_search_finds_a_canary_in_every_form(form: str) -> None:
    word = "qxübersee@canary.example"
    hidden = os.urandom(200) + FORMS[form](word) + os.urandom(200)

    assert canaries.found([word], [("place", hidden)])
    assert canaries.found(["another@canary.example"], [("place", hidden)]) == []
