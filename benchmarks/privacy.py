"""What the privacy layer costs an endpoint: the same requests with its questions asked and with them left out, in turn.

Left out are the question whether the data may only be stored, the check of cookies, the question of every effect and
the gate of what leaves. Both kinds of requests alternate one by one in one process, so that whatever else the machine
does meets both alike.
"""

import contextlib
import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any
from unittest import mock

from werkzeug.test import Client, TestResponse

from benchmarks.ground import fill, grounds
from benchmarks.table import Row, show
from suite import app
from suite.kernel.http import App
from suite.privacy import consents, exits, standing
from suite.settings import load

PAIRS, WARM, AIM = 1500, 100, 0.95
_LEFT_OUT: tuple[tuple[Any, str, Any], ...] = (
    (standing, "restricted", lambda _person: False),
    (consents, "may", lambda *_asked: True),
    (exits, "must_lead", lambda *_led: None),
    (App, "_check_cookies", lambda _app, _cookies: None),
)

Ask = Callable[[], TestResponse]


def main() -> list[Row]:
    """Measure on SQLite and on PostgreSQL."""
    rows = []
    with grounds(SUITE_LOG_LEVEL="error") as found:
        for ground in found:
            token = fill(ground, 1000)[0]
            made = app.create_app(load(ground.environment))
            client = Client(made, TestResponse)
            headers = {"Authorization": f"Bearer {token}"}
            rows.append(_pair(f"{ground.name}, who am I", _reads(client, headers)))
            rows.append(_pair(f"{ground.name}, change settings", _changes(client, headers)))
    show("Milliseconds of a request with the privacy layer and without it (medians of alternating requests)", rows)
    return rows


def _reads(client: Client, headers: dict[str, str]) -> Ask:
    return lambda: client.get("/api/v1/me", base_url="http://127.0.0.1", headers=headers)


def _changes(client: Client, headers: dict[str, str]) -> Ask:
    path, themes = "/api/v1/me/settings", {"dark": "light", "light": "dark"}
    seen = {"theme": "light", "tag": client.get(path, base_url="http://127.0.0.1", headers=headers).headers["ETag"]}

    def change() -> TestResponse:
        seen["theme"] = themes[seen["theme"]]
        given = {"preferences": {"theme": seen["theme"]}}
        answer = client.patch(
            path, base_url="http://127.0.0.1", headers=headers | {"If-Match": seen["tag"]}, json=given
        )
        seen["tag"] = answer.headers["ETag"]
        return answer

    return change


def _pair(what: str, ask: Ask) -> Row:
    whole, bare = [], []
    for number in range(WARM + PAIRS):
        took = [_timed(ask, left_out=bool(kind)) for kind in ((0, 1) if number % 2 else (1, 0))]
        if number >= WARM:
            whole.append(took[0 if number % 2 else 1])
            bare.append(took[1 if number % 2 else 0])
    ratio = median(bare) / median(whole)
    return Row(
        what,
        f"{median(whole) * 1000:.2f} ms",
        f"{median(bare) * 1000:.2f} ms",
        ratio,
        f"{AIM}",
        ratio >= AIM,
    )


def _timed(ask: Ask, *, left_out: bool) -> float:
    with _without() if left_out else contextlib.nullcontext():
        began = time.perf_counter()
        answer = ask()
        took = time.perf_counter() - began
    assert answer.status_code == 200, answer.text
    return took


@contextlib.contextmanager
def _without() -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        for place, name, instead in _LEFT_OUT:
            stack.enter_context(mock.patch.object(place, name, instead))
        yield


if __name__ == "__main__":
    main()
