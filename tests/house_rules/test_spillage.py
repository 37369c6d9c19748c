"""Whatever is sent in whichever field of whichever route, none of it comes into logs, metrics, jobs, trail or keys.

The requests are made from the published description: right ones, wrong types, fields nobody knows, broken JSON.
"""

import base64
import itertools
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from suite.kernel import db, log, metrics
from suite.kernel.db import Base
from suite.kernel.http import App
from suite.kernel.ids import new_id
from tests import canaries
from tests.house_rules.test_fuzz import member, staff, stranger
from tests.people import Outbox

DESCRIBED = json.loads((Path(__file__).parent.parent.parent / "openapi.json").read_text())
NEVER = ("audit_entries", "jobs", "idempotency_keys", "limits", "tombstones", "suppressions", "job_ticks", "visit_days")
_number = itertools.count(1)


# Numbers, times, codes, countries and kinds of data: they are no texts.
_CODED = re.compile(r"[0-9a-f-]{36}|\d{6}|\d{4}-\d\d-.*|[A-Z]{2}|[a-z_]+(\.[a-z_]+)+")
_MORE: dict[str, tuple[dict[str, Any], ...]] = {
    "A request about your own data.": (
        {"kind": "complaint", "text": "a text"},
        {"kind": "portability", "text": "a text", "recipient": "a text"},
        {"kind": "rectification", "text": "a text"},
        {"kind": "question", "text": "a text"},
    ),
}


class Said:
    """Words that were sent; each exists once."""

    def __init__(self) -> None:
        self.words: list[str] = []

    def word(self) -> str:
        self.words.append(f"canaryword{next(_number):06d}x")
        return self.words[-1]

    def like(self, value: Any, schema: dict[str, Any]) -> Any:
        """Give a value of the same shape, with a word wherever any text is taken."""
        found = _resolved(schema)
        if isinstance(value, dict):
            known = found.get("properties", {})
            return {name: self.like(one, known.get(name, {})) for name, one in value.items()}
        if isinstance(value, list):
            return [self.like(one, found.get("items", {})) for one in value]
        if not isinstance(value, str) or "enum" in found or _CODED.fullmatch(value):
            return value
        word = self.word()
        if "@" in value or found.get("format") == "email":
            return f"{word}@{word}.example"
        return f"https://{word}.example.com/{word}" if "://" in value else f"{word}{word}"

    def bodies(self, schema: dict[str, Any]) -> Iterator[Any]:
        """Give right bodies and wrong ones."""
        found = _resolved(schema)
        some = {name: self._some(one) for name, one in found.get("properties", {}).items()}
        example = found.get("examples", [some])[0]
        for right in (example, some, *_MORE.get(found.get("description", ""), ())):
            yield self.like(right, schema)
        for name in found.get("properties", {}):
            for wrong in ([self.word()], {self.word(): self.word()}):
                yield self.like(example, schema) | {name: wrong}
        yield self.like(example, schema) | {self.word(): self.word()}
        yield [self.word()]
        yield self.word()

    def files(self) -> Iterator[bytes]:
        """Give files as they are uploaded: nonsense, and one that looks like a licence file."""
        yield self.word().encode()
        for inside in (self.word(), base64.b64encode(json.dumps({self.word(): self.word()}).encode()).decode()):
            yield f"-----BEGIN LICENSE FILE-----\n{inside}\n-----END LICENSE FILE-----\n".encode()

    @staticmethod
    def _some(schema: dict[str, Any]) -> Any:
        found = _resolved(schema)
        kind = found.get("type")
        kind = kind[0] if isinstance(kind, list) else kind
        if "enum" in found:
            return found["enum"][0]
        return {"boolean": True, "integer": 1, "array": [], "object": {}}.get(str(kind), "a text")


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = DESCRIBED["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return schema


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Give path, method and description of every operation."""
    for path, item in DESCRIBED["paths"].items():
        for method in item.keys() & {"get", "post", "put", "patch", "delete"}:
            yield path, method, item[method]


def send_everything(app: App, said: Said) -> Counter[int]:
    """Call each operation as who may call it, with every body, query and path there is to make; count the answers."""
    client, answers = app.test_client(use_cookies=False), Counter[int]()
    for path, method, operation in operations():
        caller = stranger if not operation.get("security") else staff if "/staff/" in path else member
        headers = caller()
        for body, kind in _bodies(said, operation):
            address = _address(client, path, headers)
            tag = client.get(address, headers=headers).headers.get("ETag", said.word()) if method == "patch" else "*"
            own = {"User-Agent": said.word(), "Idempotency-Key": said.word(), "Cookie": f"{said.word()}={said.word()}"}
            own |= {"Referer": f"https://{said.word()}.example/", "X-Forwarded-For": said.word(), "If-Match": tag}
            sent = client.open(
                address,
                method=method.upper(),
                headers=headers | own | {"Content-Type": kind},
                data=body.replace(_EXAMPLE_ACCOUNT, _account(client, headers).encode())
                if _EXAMPLE_ACCOUNT in body
                else body,
            )
            answers[sent.status_code // 100] += 1
            assert sent.status_code < 500, (path, method, body, sent.json)
            if sent.status_code == 401:
                headers = caller()
        names = [one["name"] for one in operation.get("parameters", []) if one.get("in") == "query"]
        query = {name: said.word() for name in [*names, said.word()]}
        address = re.sub(r"{[^}]*}", lambda _: said.word(), path)
        client.open(address, method=method.upper(), headers=headers, query_string=query)
    return answers


def _address(client: FlaskClient, path: str, headers: dict[str, str]) -> str:
    """Fill a path with what is there."""
    for name in re.findall(r"{([^}]*)}", path):
        made = _MADE.get(("/staff/" in path, name))
        path = path.replace("{" + name + "}", made(client, headers) if made else _NAMED.get(name, str(new_id())))
    return path


_NAMED = {"service": "my-account", "purpose": "news_by_email", "key": "my-account", "version": "0", "token": "x"}
Made = Callable[[FlaskClient, dict[str, str]], str]
_EXAMPLE_ACCOUNT = b"019ab0c2-8a5e-7c3b-9d52-6f1f8a0b7c4d"
_COMPLAINT = {"kind": "complaint", "text": "It is not fair."}


def _post(path: str, body: dict[str, Any], *keys: str) -> Made:
    def make(client: FlaskClient, headers: dict[str, str]) -> str:
        answer: Any = client.post(path, json=body, headers=headers).json
        for key in keys or ("id",):
            answer = answer.get(key, {}) if isinstance(answer, dict) else {}
        return answer if isinstance(answer, str) else str(new_id())

    return make


def _account(client: FlaskClient, _headers: dict[str, str]) -> str:
    return str(client.get("/api/v1/me", headers=member()).json["id"])


def _request(client: FlaskClient, _headers: dict[str, str]) -> str:
    return _post("/api/v1/me/requests", _COMPLAINT)(client, member())


def _disclosure(client: FlaskClient, headers: dict[str, str]) -> str:
    demand = {"law": "a", "authority": "b", "reference": "c", "country": "DE", "categories": ["user.contact.email"]}
    return _post("/api/v1/staff/disclosures", demand | {"account_id": _account(client, headers)})(client, headers)


_ENDPOINT = {"url": "https://hooks.example.com/", "events": ["account.closed"]}
_MADE: dict[tuple[bool, str], Made] = {
    (False, "request_id"): _post("/api/v1/me/requests", _COMPLAINT),
    (False, "export_id"): _post("/api/v1/me/exports", {}),
    (False, "factor_id"): _post("/api/v1/me/factors/apps", {"name": "mine"}, "factor", "id"),
    (True, "account_id"): _account,
    (True, "request_id"): _request,
    (True, "disclosure_id"): _disclosure,
    (True, "endpoint_id"): _post("/api/v1/staff/webhooks", _ENDPOINT, "endpoint", "id"),
}


def _bodies(said: Said, operation: dict[str, Any]) -> Iterator[tuple[bytes, str]]:
    content = operation.get("requestBody", {}).get("content", {})
    for kind, described in content.items():
        if described["schema"].get("format") == "binary":
            yield from ((body, kind) for body in said.files())
            continue
        for body in said.bodies(described["schema"]):
            yield json.dumps(body).encode(), kind
        yield f'{{"{said.word()}": "{said.word()}'.encode(), kind
        yield said.word().encode(), f"text/{said.word()}"
    if not content:
        yield said.word().encode(), "application/json"


def stored() -> Iterator[canaries.Named]:
    """Give what stands in the tables that hold no personal data."""
    with db.transaction(reading=True) as session:
        for name in NEVER:
            rows = [value for row in session.execute(select(Base.metadata.tables[name])) for value in row]
            yield name, b"\n".join(one if isinstance(one, bytes) else str(one).encode() for one in rows)


def test_no_word_of_any_request_comes_into_logs_metrics_jobs_or_the_trail(
    app: App, outbox: Outbox, capsys: pytest.CaptureFixture[str]
) -> None:
    said = Said()
    log.start("debug", "json")
    capsys.readouterr()
    try:
        answers = send_everything(app, said)
        waiting = list(stored())
        outbox.deliver()
    finally:
        log.start("error", "json")
    written = capsys.readouterr()

    places = [*waiting, *stored(), ("log", (written.err + written.out).encode()), ("metrics", metrics.page())]
    assert answers[2] > 100, answers
    assert written.err.count('"event":"request"') > 500
    assert canaries.found(said.words, places) == []
