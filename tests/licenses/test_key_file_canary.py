"""Uploading a key file records the licence, and no byte of the file is kept anywhere (COM-32, COM-33)."""

import base64
import io
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, select

from suite.kernel import db, log, system
from suite.kernel.http import App
from suite.licenses.models import License, LicenseHolding
from suite.privacy.models import Person
from tests import canaries
from tests.licenses.making import issued
from tests.licenses.test_files import key_file, opened
from tests.licenses.using import Product, refused
from tests.people import PASSWORD, Outbox, People, SignedIn

PATH, FILE = "/api/v1/me/licenses/key-file?service=my-account", "application/octet-stream"
_watching: list[list[str]] = []


def _hook(name: str, args: tuple[Any, ...]) -> None:
    if name == "open" and _watching and isinstance(args[1], str) and set(args[1]) & set("wax+"):
        _watching[0].append(str(args[0]))
    elif name.startswith("tempfile.") and _watching:
        _watching[0].append(name)


sys.addaudithook(_hook)


@pytest.fixture
def written() -> Iterator[list[str]]:
    """Note every file this process opens to write, and every temporary one."""
    _watching.append([])
    yield _watching[0]
    _watching.clear()


@pytest.fixture
def sent(app: App) -> Iterator[list[str]]:
    """Note whatever is sent to the database, so that its logs and backups are known too."""
    found: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, values: object, *_: object) -> None:
        found.append(f"{statement} {values!r}")

    database = system.current().database
    engines = {database.engine.engine, database.reading.engine}
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    yield found
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)


def pieces(file: str) -> list[str]:
    """Give what a file can be known by: its lines, the signature, and the text that was signed."""
    envelope, _ = opened(file)
    half = len(envelope["payload"]) // 2
    return [*file.split("\n")[1:-2], envelope["sig"][:40], envelope["sig"][40:], envelope["payload"][half : half + 40]]


def upload(member: SignedIn, file: str | bytes, **options: Any) -> Any:
    data = file.encode() if isinstance(file, str) else file
    return member.post(PATH, **{"data": data, "content_type": FILE} | options)


def every_way(people: People, ann: SignedIn, file: str) -> None:
    """Give a key file in each place that takes one, rightly and wrongly, with and without an Idempotency-Key."""
    laptop = Product(people.stranger, file)
    for headers in ({}, {"Idempotency-Key": "once"}):
        assert upload(ann, file, headers=headers).status_code == 201
    assert upload(ann, file.replace("=", "", 1)).status_code in {201, 422}
    assert upload(ann, file[:-40]).status_code == 422
    assert upload(ann, file * 30).status_code == 413
    assert ann.post(PATH, data={"file": (io.BytesIO(file.encode()), "my.key")}).status_code == 415
    assert ann.post(PATH, json={"file": file}).status_code == 415
    assert laptop.activate().status_code == 201
    assert laptop.validate() == (True, "valid")
    assert laptop.release().status_code == 204
    assert laptop.activate(product="password-vault").status_code == 409
    assert laptop.send("activations", license=file, device="").status_code == 422
    assert ann.post("/api/v1/me/licenses", json={"service": "my-account", "code": file}).status_code == 422


def to_a_company(people: People, file: str) -> None:
    """Give a key file at each door of a company, rightly and wrongly, with and without an Idempotency-Key."""
    once = {"headers": {"Idempotency-Key": "once-more"}}
    fields = {"first_name": "Ann", "last_name": "Lee", "company": "Acme", "country": "DE", "license": file}
    body = {"service": "company-account", "email": "boss@acme.example", "password": PASSWORD, "profile": fields}
    register = people.stranger.post
    for wrong in (
        body | {"profile": fields | {"country": "XX"}},
        body | {"profile": fields | {"company": file[:2000]}},
        body | {"profile": fields | {"license": file[:-40]}},
        body | {"profile": {"license": file}},
        body | {"nobody": file},
    ):
        assert register("/api/v1/registrations", json=wrong).status_code == 422
    for _ in range(2):
        assert register("/api/v1/registrations", json=body, **once).status_code == 202
    boss = people.member("boss@acme.example", "company-account", profile=fields)
    assert boss.get("/api/v1/company").json["name"] == "Acme"
    for code in (file, file[:-40]):
        boss.post("/api/v1/company/licenses", json={"code": code}, **once)
        boss.post("/api/v1/company/licenses/key-file", data=code.encode(), content_type=FILE)
    bob = people.member("bob@acme.example", "company-account", profile=fields)
    assert bob.delete("/api/v1/company/membership").status_code == 204
    assert bob.post("/api/v1/company/entry", json={"license": file, "company": "x"}).status_code == 204
    assert bob.post("/api/v1/company/entry", json={"license": file[:-40], "company": "x"}).status_code == 422
    eve = people.member("eve@acme.example")
    joined = {"service": "company-account", "profile": fields}
    assert eve.post("/api/v1/me/services", json=joined, **once).status_code == 201
    acceptance = "/api/v1/company/invitations/acceptance"
    assert bob.post(acceptance, json={"token": file[:90]}).status_code in {404, 409}


@pytest.mark.policy("COM-32", "COM-33")
def test_no_byte_of_a_key_file_that_was_given_to_a_company_is_anywhere(
    people: People, outbox: Outbox, capsys: pytest.CaptureFixture[str], written: list[str], sent: list[str]
) -> None:
    _, _, file = key_file(product="endpoint-security", policy="business-year")
    log.start("debug", "json")
    try:
        sent.clear()
        written.clear()
        to_a_company(people, file)
        outbox.deliver()
        opened_files = [one for one in written if not one.endswith(("-wal", "-shm"))]
        logged = "".join(capsys.readouterr())
        kept = canaries.found(pieces(file), canaries.everywhere(logged))
        asked = canaries.found(pieces(file), [("statements", "\n".join(sent).encode())])
    finally:
        log.start(system.current().settings.log_level, system.current().settings.log_format)

    assert kept == asked == []
    assert opened_files == []


@pytest.mark.policy("COM-32", "COM-33")
def test_no_byte_of_an_uploaded_key_file_is_anywhere(
    people: People,
    outbox: Outbox,
    capsys: pytest.CaptureFixture[str],
    written: list[str],
    sent: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    license_id, _, file = key_file()
    ann = people.member()
    log.start("debug", "json")
    try:
        sent.clear()
        written.clear()
        every_way(people, ann, file)
        outbox.deliver()
        opened_files = [one for one in written if not one.endswith(("-wal", "-shm"))]
        logged = "".join(capsys.readouterr())
        kept = canaries.found(pieces(file), canaries.everywhere(logged))
        asked = canaries.found(pieces(file), [("statements", "\n".join(sent).encode())])
    finally:
        log.start(system.current().settings.log_level, system.current().settings.log_format)

    assert kept == asked == []
    assert opened_files == []
    assert list(tmp_path.rglob("*")) == []
    assert sent
    raw = base64.b64decode(opened(file)[0]["sig"])
    assert [name for name, content in canaries.everywhere(logged) if raw in content] == []
    with db.transaction(reading=True) as session:
        held = session.scalars(select(LicenseHolding).where(LicenseHolding.license_id == license_id)).one()
    assert (held.source, held.number) == ("key_file", opened(file)[1]["tail"])


def test_a_kept_file_would_have_been_found(people: People, sent: list[str]) -> None:
    license_id, _, file = key_file()
    with db.transaction() as session:
        session.add(Person(id=UUID(int=1)))
        session.get_one(License, license_id).void_reason = file.split("\n")[1]

    assert canaries.found(pieces(file), canaries.everywhere())
    assert canaries.found(pieces(file), [("statements", "\n".join(sent).encode())])


def test_a_key_file_does_what_the_code_does_and_the_code_still_works(people: People) -> None:
    license_id, code, file = key_file()
    ann = people.member()

    by_file, again = upload(ann, file), upload(ann, file)
    by_code = ann.post("/api/v1/me/licenses", json={"service": "my-account", "code": code})

    assert (by_file.status_code, by_file.json) == (201, again.json)
    assert by_file.json == by_code.json
    assert by_file.json["id"] == str(license_id)


def test_a_key_file_that_somebody_else_used_is_refused_like_a_wrong_one(people: People) -> None:
    _, _, file = key_file()
    upload(people.member(), file)

    answer = upload(people.member("bob@example.org"), file)

    assert refused(answer) == (422, "license_not_accepted")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (lambda _file: b"", "no_key_file"),
        (lambda _file: b"\xff\xfe\0", "no_key_file"),
        (lambda _file: issued()[1].encode(), "no_key_file"),
        (lambda file: file.replace("LICENSE", "LICENCE").encode(), "no_key_file"),
        (lambda file: file.encode() + b"\xff", "license_not_accepted"),
        (lambda file: (file[:100] + file[101:]).encode(), "license_not_accepted"),
    ],
)
def test_what_is_no_key_file_is_refused(people: People, given: Callable[[str], bytes], code: str) -> None:
    _, _, file = key_file()

    assert refused(upload(people.member(), given(file))) == (422, code)
