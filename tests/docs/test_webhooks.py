"""The guide for receivers is true: its receiver runs as written and takes real deliveries."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from suite.kernel import clock, jobs
from suite.kernel.access import Permission
from suite.kernel.http import App
from suite.webhooks import EVENTS, signing
from tests import callers
from tests.failures.peers import free_port
from tests.webhooks.conftest import ROUTE, deliver, deliveries, private, tell

__all__ = ["private"]

GUIDE = (Path(__file__).parents[2] / "docs/webhooks.md").read_text(encoding="utf-8")


@contextmanager
def example(folder: Path, port: int, secret: str) -> Iterator[Path]:
    """Run the receiver of the guide; give the file it prints into."""
    (source,) = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    (folder / "receiver.py").write_text(source, encoding="utf-8")
    printed = folder / "printed"
    with printed.open("wb") as out, (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-I", str(folder / "receiver.py")],
            env={"WEBHOOK_SECRET": secret, "PORT": str(port)},
            stdout=out,
            stderr=log,
        )
    try:
        _wait(port)
        yield printed
    finally:
        process.terminate()
        process.wait(10)


def _wait(port: int) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            post(port, {}, b"{}")
        except HTTPError:
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("The receiver of the guide does not answer.")


def post(port: int, headers: dict[str, str], body: bytes) -> int:
    with urlopen(Request(f"http://127.0.0.1:{port}/hooks", body, headers), timeout=5) as answer:
        return int(answer.status)


@pytest.mark.usefixtures("private")
def test_the_receiver_of_the_guide_takes_each_event_once(app: App, tmp_path: Path) -> None:
    staff, port = callers.staff(app, Permission.MANAGE_WEBHOOKS), free_port()
    made = staff.post(ROUTE, json={"url": f"http://127.0.0.1:{port}/hooks", "events": ["service.joined"]}).json

    with example(tmp_path, port, made["secret"]) as printed:
        person = tell("service.joined", service="motorsport")
        deliver()
        (first,) = deliveries()
        replayed = staff.post(f"{ROUTE}/{made['endpoint']['id']}/deliveries/{first.id}/replay")
        deliver()

        (last,) = deliveries()
        assert (first.state, first.status, replayed.status_code) == ("delivered", 204, 202)
        assert (last.state, last.tries) == ("delivered", 2)
        lines = printed.read_text(encoding="utf-8").splitlines()
        assert lines == [f'service.joined {{"account_id": "{person}", "service": "motorsport"}}']
    assert jobs.due_count() == 0


@pytest.mark.usefixtures("private")
def test_the_receiver_of_the_guide_takes_both_secrets_while_they_change(app: App, tmp_path: Path) -> None:
    staff, port = callers.staff(app, Permission.MANAGE_WEBHOOKS), free_port()
    made = staff.post(ROUTE, json={"url": f"http://127.0.0.1:{port}/hooks", "events": ["service.joined"]}).json
    staff.post(f"{ROUTE}/{made['endpoint']['id']}/secret")

    with example(tmp_path, port, made["secret"]):
        tell()
        deliver()

    assert deliveries()[0].state == "delivered"


def test_the_receiver_of_the_guide_refuses_what_is_changed_foreign_or_old(app: App, tmp_path: Path) -> None:
    from suite.kernel.ids import new_id
    from suite.kernel.secrets import new_signing_secret

    secret, port, now, body = new_signing_secret(), free_port(), clock.now(), b'{"type": "x", "data": {}}'
    right = signing.headers([secret], new_id(), now, body)
    old = signing.headers([secret], new_id(), now.replace(year=now.year - 1), body)
    foreign = signing.headers([new_signing_secret()], new_id(), now, body)
    wrong = [(right, body + b" "), (old, body), (foreign, body), ({**right, "webhook-id": "x"}, body), ({}, body)]

    with example(tmp_path, port, secret):
        for headers, content in wrong:
            with pytest.raises(HTTPError, match="400"):
                post(port, headers, content)
        assert post(port, right, body) == 204


def test_the_guide_names_every_event_with_its_sentence() -> None:
    for event, says in EVENTS.items():
        assert f"| `{event}` | {says} |" in GUIDE
