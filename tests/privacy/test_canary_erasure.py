"""Canary erasure: after a random life and its limits, no byte of it is left in any store."""

import base64
import gzip
import io
import os
import zipfile
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from suite.kernel import clock, jobs, log, system
from suite.privacy import sweeps
from tests import canaries
from tests.conftest import empty
from tests.people import Outbox, People
from tests.privacy.histories import Life, histories, live

LIMITS = timedelta(days=40)
"""Longer than any service keeps something after the end of an account."""


def pass_limits() -> None:
    """Let the limits pass, as workers would: what is due runs and sweeps, at every limit there is."""
    began = clock.now()
    for wait in (timedelta(), timedelta(hours=25), timedelta(days=8), LIMITS):
        with clock.at(began + wait):
            jobs.run_due()
            sweeps.sweep()
            jobs.run_due()
    with clock.at(began + LIMITS):
        sweeps.sweep()


@pytest.mark.policy("DEC-10", "MYK-66", "MOT-17", "BUS-34", "SCC-36", "PAR-22", "PAR-23")
def test_no_byte_of_a_life_is_left_anywhere_after_its_limits(
    people: People, outbox: Outbox, capsys: pytest.CaptureFixture[str]
) -> None:
    log.start("debug", "json")
    capsys.readouterr()
    lives: list[Life] = []

    @settings(
        max_examples=6,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(history=histories)
    def run(history: tuple[str, list[str], int]) -> None:
        lives.append(live(people, outbox, history, len(lives)))

    try:
        run()
        said = [canary for life in lives for canary in life.canaries]
        before = canaries.found([life.canaries[1] for life in lives], canaries.everywhere())
        pass_limits()
    finally:
        log.start(system.current().settings.log_level, system.current().settings.log_format)
    logged = capsys.readouterr()

    assert before
    assert len(said) > 50
    assert canaries.found(said, canaries.everywhere(logged.err + logged.out)) == []
    empty(system.current())


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
