"""`suite licenses`: codes are written once, for their owner alone, and each that is written works."""

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from suite.kernel import clock, db
from suite.kernel.http import App
from suite.licenses import codes, files, keyfiles
from suite.licenses.models import License, LicenseBatch, LicenseKey
from tests.commands.conftest import Terminal

ISSUE = ("licenses", "issue", "--product", "total-protection", "--policy", "subscription-year")
MANY = 30_000


def hashes(written: list[str]) -> set[str]:
    return {codes.hash_of(codes.normal(code)) for code in written}


def stored() -> set[str]:
    with db.transaction(reading=True) as session:
        return set(session.scalars(select(License.code_hash)))


def test_codes_go_into_a_new_file_for_its_owner_alone(terminal: Terminal, tmp_path: Path) -> None:
    out = tmp_path / "codes.txt"

    done = terminal(*ISSUE, "--count", "2500", "--note", "fair in May", "--out", str(out))

    assert done.code == 0, done.err
    written = out.read_text().splitlines()
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert len(set(written)) == 2500
    assert hashes(written) == stored()
    assert not any(code in done.out + done.err for code in written)
    assert "Licences issued: 2500" in done.err
    with db.transaction(reading=True) as session:
        batch = session.scalars(select(LicenseBatch)).one()
    assert (batch.count, batch.source, batch.note) == (2500, "command", "fair in May")
    assert str(batch.id) in done.err


def test_without_a_file_the_codes_alone_go_to_the_standard_output(terminal: Terminal) -> None:
    done = terminal(*ISSUE, "--count", "3")

    assert hashes(done.out.splitlines()) == stored()
    assert len(stored()) == 3


def test_a_file_that_is_there_is_not_written_over_and_nothing_is_issued(terminal: Terminal, tmp_path: Path) -> None:
    out = tmp_path / "codes.txt"
    out.write_text("older codes")

    done = terminal(*ISSUE, "--out", str(out))

    assert done.code == 1
    assert f"File exists: {out}" in done.err
    assert out.read_text() == "older codes"
    assert stored() == set()


@pytest.mark.parametrize(
    ("product", "policy", "says"),
    [
        ("no-such", "perpetual", "There is no such product."),
        ("total-protection", "perpetual", "This product is not sold under this policy."),
    ],
)
def test_what_is_not_sold_is_one_sentence(terminal: Terminal, product: str, policy: str, says: str) -> None:
    done = terminal("licenses", "issue", "--product", product, "--policy", policy)

    assert (done.code, done.err.strip()) == (1, f"suite: {says}")


def test_the_products_are_printed(terminal: Terminal) -> None:
    done = terminal("licenses", "products")

    assert "total-protection" in done.out
    assert "a subscription for a year" in done.out
    assert "Products: 5, policies: 5." in done.out


def test_a_products_file_that_cannot_be_used_stops_the_start_with_a_sentence(
    terminal: Terminal, tmp_path: Path
) -> None:
    broken = tmp_path / "products.toml"
    broken.write_text("[products.x]\ntitle = 1\n")

    done = terminal("licenses", "products", products_file=str(broken))
    doctor = terminal("doctor", products_file=str(broken))

    assert done.code == 1
    assert done.err.startswith("suite: The products file products.toml cannot be used: policies is missing")
    assert "products file" in doctor.out


def test_a_products_file_without_what_was_sold_stops_the_start_and_the_doctor_says_so(
    terminal: Terminal, tmp_path: Path
) -> None:
    terminal(*ISSUE)
    fewer = tmp_path / "products.toml"
    fewer.write_text(
        '[policies.p]\nsays = "x"\nstarts = "issue"\noffline = "P1D"\n'
        '[products.x]\ntitle = "X"\nservices = ["my-account"]\npolicies = ["p"]\n'
    )

    done = terminal("licenses", "issue", "--product", "x", "--policy", "p", products_file=str(fewer))
    doctor = terminal("doctor", products_file=str(fewer))

    says = "The products file lacks subscription-year, total-protection, which licences were issued for: put it back."
    assert (done.code, done.err.strip()) == (1, f"suite: {says}")
    assert says in doctor.out


def test_every_code_in_the_file_works_when_issuing_is_killed(app: App, tmp_path: Path) -> None:
    running, out = app.extensions["suite_system"], tmp_path / "codes.txt"
    settings = {
        "SUITE_DATABASE_URL": running.database.url.render_as_string(hide_password=False),
        "SUITE_DATA_FOLDER": str(tmp_path),
        "SUITE_SECRET_KEYS": running.settings.secret_keys,
    }
    command = [sys.executable, "-m", "suite.cli", *ISSUE, "--count", str(MANY), "--out", str(out)]
    process = subprocess.Popen(command, env=os.environ | settings, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 60
    while time.monotonic() < until and (not out.exists() or out.stat().st_size < 60_000):
        assert process.poll() is None
        time.sleep(0.002)

    os.kill(process.pid, signal.SIGKILL)
    process.wait(20)

    written = out.read_text().split("\n")[:-1]
    kept = stored()
    assert 1000 <= len(written) < MANY
    assert hashes(written) <= kept
    assert len(kept) - len(written) <= 1000
    with db.transaction(reading=True) as session:
        assert session.scalar(select(func.sum(LicenseBatch.count))) == len(kept)


# --- key files and the keys that sign


def licence() -> License:
    with db.transaction(reading=True) as session:
        return session.scalars(select(License)).one()


def judged(file: str) -> License | None:
    with db.transaction(reading=True):
        return keyfiles.read(file)


def test_a_key_file_is_printed_alone_and_stands_for_its_licence(terminal: Terminal) -> None:
    terminal(*ISSUE)

    done = terminal("licenses", "key-file", str(licence().id))

    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(files.BEGIN)
    assert done.out.endswith(f"{files.END}\n")
    found = judged(done.out)
    assert found is not None
    assert found.id == licence().id


def test_there_is_no_key_file_of_a_licence_that_is_void_or_not_there(terminal: Terminal) -> None:
    terminal(*ISSUE)
    with db.transaction() as session:
        session.execute(update(License).values(voided_at=clock.now(), void_reason="refunded"))

    void = terminal("licenses", "key-file", str(licence().id))
    unknown = terminal("licenses", "key-file", "01a20e00-0000-7000-8000-000000000000")
    wrong = terminal("licenses", "key-file", "no-number")

    assert (void.code, void.out, void.err.strip()) == (1, "", "suite: This licence was voided.")
    assert (unknown.code, unknown.out) == (1, "")
    assert unknown.err.startswith("suite: ")
    assert (wrong.code, wrong.out) == (2, "")


@pytest.mark.parametrize(("words", "counts"), [((), True), (("--at-once",), False)])
def test_a_new_key_signs_and_after_a_leak_the_old_one_proves_nothing(
    terminal: Terminal, words: tuple[str, ...], counts: bool
) -> None:
    terminal(*ISSUE)
    before = terminal("licenses", "key-file", str(licence().id)).out

    done = terminal("licenses", "rotate-key", *words)

    with db.transaction(reading=True) as session:
        keys = session.scalars(select(LicenseKey).order_by(LicenseKey.serial)).all()
    assert done.out.strip() == f"Licence files are signed with key {keys[-1].id} from now on."
    assert [key.private_key is None for key in keys] == [True, False]
    after = terminal("licenses", "key-file", str(licence().id)).out
    assert ((judged(before) is not None), (judged(after) is not None)) == (counts, True)
