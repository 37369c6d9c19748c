"""A person asks for a copy, follows it, fetches it after a confirmation, or hands it to somebody else."""

import io
import zipfile
from datetime import timedelta
from importlib.resources import files as package
from typing import Any

import jsonschema
import orjson
import pytest

from suite.kernel import clock, system
from tests.people import Outbox, People, SignedIn

EXPORTS = "/api/v1/me/exports"


def asked(member: SignedIn, **body: Any) -> str:
    """Ask for a copy; give its number."""
    answer = member.post(EXPORTS, json=body)
    assert answer.status_code == 202, answer.json
    return str(answer.json["id"])


def fetched(member: SignedIn, outbox: Outbox, **body: Any) -> zipfile.ZipFile:
    """Ask for a copy, have it made and fetch it."""
    export = asked(member, **body)
    outbox.deliver()
    answer = member.get(f"{EXPORTS}/{export}/download")
    assert answer.status_code == 200, answer.json
    return zipfile.ZipFile(io.BytesIO(answer.data))


def document_of(archive: zipfile.ZipFile) -> dict[str, Any]:
    return dict(orjson.loads(archive.read("export.json")))


@pytest.mark.policy("RIG-2", "RIG-10")
def test_a_copy_is_a_zip_with_a_document_a_page_and_the_schema(people: People, outbox: Outbox) -> None:
    member = people.member("ann@example.org", "business-hub")

    archive = fetched(member, outbox)

    schema = orjson.loads(archive.read("export.schema.json"))
    jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(document_of(archive))
    assert archive.testzip() is None
    assert set(archive.namelist()) == {"export.json", "export.schema.json", "index.html"}
    assert b"ann@example.org" in archive.read("index.html")
