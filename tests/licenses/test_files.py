"""Licence files prove a licence where no server answers, and nobody can change a byte of one."""

import base64
import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import func, select, update

from suite.kernel import clock, db
from suite.kernel.access import Permission
from suite.kernel.http import App
from suite.licenses import files, finding, keyfiles, signing
from suite.licenses.models import License, LicenseKey
from tests import callers
from tests.failures.crowd import at_once
from tests.licenses.making import issued
from tests.licenses.using import Product, refused
from tests.people import People

START = datetime(2026, 11, 24, 12, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("app")


def opened(file: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Open a file as any program can: give the envelope and the payload."""
    envelope = json.loads(base64.b64decode("".join(file.split("\n")[1:-2])))
    return envelope, json.loads(envelope["payload"])


def key_file(**term: Any) -> tuple[Any, str, str]:
    """Give a licence, its code and its key file."""
    license_id, code = issued(**term)
    with db.transaction():
        return license_id, code, keyfiles.make(license_id)


def read(text: str) -> License | None:
    with db.transaction(reading=True):
        return keyfiles.read(text)


def rotate(**how: bool) -> LicenseKey:
    with db.transaction():
        return signing.rotate(**how)


def test_a_file_of_a_device_is_verified_with_the_published_keys_and_nothing_else(people: People) -> None:
    _, code = issued()
    with clock.at(START):
        told = Product(people.stranger, code, "serial-4711").activate().json
        keys = people.stranger.get("/api/v1/licenses/keys")

    envelope, payload = opened(told["license_file"])
    (key,) = [one for one in keys.json["keys"] if one["kid"] == envelope["kid"]]
    public = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(key["x"] + "=="))
    public.verify(base64.b64decode(envelope["sig"]), b"license-file/v1\n" + envelope["payload"].encode())
    assert payload == {
        "purpose": "device",
        "license": told["license_id"],
        "tail": code[-5:],
        "product": "total-protection",
        "policy": "subscription-year",
        "seats": 1,
        "issued_at": "2026-11-24T12:00:00Z",
        "trusted_until": "2026-12-24T12:00:00Z",
        "activation": told["id"],
        "device": hashlib.sha256(b"serial-4711").hexdigest(),
        "expires_at": "2027-11-24T12:00:00Z",
        "grace_until": "2027-12-01T12:00:00Z",
    }
    assert keys.headers["Cache-Control"] == "public, max-age=300"


def test_the_number_of_a_key_is_its_thumbprint(people: People) -> None:
    (key,) = people.stranger.get("/api/v1/licenses/keys").json["keys"]

    canonical = json.dumps({name: key[name] for name in ("crv", "kty", "x")}, separators=(",", ":"))
    digest = hashlib.sha256(canonical.encode()).digest()
    assert key["kid"] == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    assert {name: key[name] for name in ("kty", "crv", "alg", "use")} == {
        "kty": "OKP",
        "crv": "Ed25519",
        "alg": "EdDSA",
        "use": "sig",
    }


def test_many_who_need_the_first_key_at_once_make_one(app: App) -> None:
    answers = at_once(50, lambda _which: app.test_client().get("/api/v1/licenses/keys").json["keys"])

    assert len({one["kid"] for answer in answers for one in answer}) == 1
    with db.transaction(reading=True) as session:
        assert session.scalar(select(func.count()).select_from(LicenseKey)) == 1


def test_many_who_rotate_at_once_leave_one_key_that_signs() -> None:
    rotate()
    at_once(20, lambda _which: rotate())

    with db.transaction(reading=True) as session:
        rows = session.scalars(select(LicenseKey).order_by(LicenseKey.serial)).all()
    assert [row.private_key is None for row in rows] == [True] * (len(rows) - 1) + [False]
    assert [row.serial for row in rows] == list(range(1, len(rows) + 1))


def test_a_new_key_signs_and_the_old_one_stays_published_while_anything_it_signed_may_count(people: People) -> None:
    license_id, _, old = key_file()
    (first,) = people.stranger.get("/api/v1/licenses/keys").json["keys"]
    with clock.at(START):
        rotate()
        with db.transaction():
            new = keyfiles.make(license_id)
        kids = [one["kid"] for one in people.stranger.get("/api/v1/licenses/keys").json["keys"]]

        assert [opened(one)[0]["kid"] for one in (new, old)] == kids
        assert kids[1] == first["kid"]
    with clock.at(signing.LONGEST.after(START) - timedelta(seconds=1)):
        assert read(new) is not None
    with clock.at(signing.LONGEST.after(START)):
        assert read(old) is None
        assert len(people.stranger.get("/api/v1/licenses/keys").json["keys"]) == 1


def test_after_a_leak_the_old_key_proves_nothing_any_more(people: People) -> None:
    license_id, _, old = key_file()
    rotate()
    rotate(at_once=True)
    with db.transaction():
        new = keyfiles.make(license_id)

    assert (read(old), read(new) is not None) == (None, True)
    assert len(people.stranger.get("/api/v1/licenses/keys").json["keys"]) == 1


def test_a_private_key_is_sealed_and_gone_when_the_next_one_signs() -> None:
    with db.transaction():
        kid = signing.signer()
    raw = signing._signers[kid].private_bytes_raw()
    with db.transaction(reading=True) as session:
        sealed = session.get_one(LicenseKey, kid).private_key
    rotate()

    assert sealed is not None
    assert raw not in sealed
    assert base64.b64encode(raw) not in sealed
    with db.transaction(reading=True) as session:
        assert session.get_one(LicenseKey, kid).private_key is None


def test_no_file_is_trusted_longer_than_its_key_is_published() -> None:
    assert all(one.offline.after(START) <= signing.LONGEST.after(START) for one in _policies())


def _policies() -> list[Any]:
    from suite.licenses import catalogue

    return list(catalogue().policies.values())


# --- key files


def test_a_key_file_stands_for_the_code_of_its_licence(people: People) -> None:
    license_id, code, file = key_file()
    laptop = Product(people.stranger, file)

    told = laptop.activate()

    assert (told.status_code, told.json["license_id"]) == (201, str(license_id))
    assert laptop.validate() == laptop.validate(license=code) == (True, "valid")
    with db.transaction():
        found = finding.for_service(file, "my-account", person_id=None, network="here")
    assert found.id == license_id


def test_a_wrong_key_file_counts_like_a_wrong_code_and_gets_its_answer(people: People) -> None:
    _, _, file = key_file()
    wrong = file[:100] + ("B" if file[100] == "A" else "A") + file[101:]

    with db.transaction(), pytest.raises(finding.WrongCode):
        finding.for_service(wrong, "my-account", person_id=None, network="here")
    with pytest.raises(finding.TooManyCodesTried), db.transaction():
        for _ in range(31):
            with pytest.raises(finding.WrongCode):
                finding.for_service(wrong, "my-account", person_id=None, network="there")
    assert refused(Product(people.stranger, wrong).activate()) == (404, "unknown_license")


def test_no_byte_of_a_file_can_be_another(app: App) -> None:
    _, _, file = key_file()
    with db.transaction(reading=True):
        for at, letter in enumerate(file.rstrip("\n")):
            for other in {chr(ord(letter) ^ 1), chr(ord(letter) ^ 32), "A", "=", " ", "\n", ""} - {letter}:
                assert files.read(file[:at] + other + file[at + 1 :]) is None, (at, other)
        assert files.read(file) is not None


@pytest.mark.parametrize(
    "change",
    [
        lambda file: b"\xef\xbb\xbf" + file,
        lambda file: b"\xef\xbb\xbf" + file.replace(b"\n", b"\r\n"),
        lambda file: file.replace(b"\n", b"\r\n"),
        bytes.strip,
    ],
    ids=["a byte order mark", "a mark and other line ends", "other line ends", "no last line end"],
)
def test_a_key_file_that_an_editor_saved_is_the_same(people: People, change: Callable[[bytes], bytes]) -> None:
    member, (license_id, _, file) = people.member(), key_file()

    answer = member.post(
        "/api/v1/me/licenses/key-file?service=my-account",
        data=change(file.encode()),
        content_type="application/octet-stream",
    )

    assert (answer.status_code, answer.json.get("id")) == (201, str(license_id))


def test_a_file_that_was_mailed_with_other_line_ends_is_the_same() -> None:
    _, _, file = key_file()

    assert read(file.replace("\n", "\r\n")) is not None
    assert read("\ufeff" + file) is not None
    assert read("\n" + file.strip()) is not None


@pytest.mark.parametrize(
    "given",
    [
        "",
        "-----BEGIN LICENSE FILE-----",
        "-----BEGIN LICENSE FILE-----\n-----END LICENSE FILE-----",
        "-----BEGIN LICENSE FILE-----\n!!!\n-----END LICENSE FILE-----",
        *(
            f"{files.BEGIN}\n{base64.b64encode(json.dumps(one).encode()).decode()}\n{files.END}\n"
            for one in (
                None,
                1,
                [],
                {},
                {"payload": {}, "alg": "Ed25519", "kid": "x", "sig": ""},
                {"payload": "{}", "alg": "Ed25519", "kid": "\0" * 43, "sig": ""},
                {"payload": "{}", "alg": "none", "kid": "x", "sig": ""},
                {"payload": "\ud800", "alg": "Ed25519", "kid": [], "sig": 1},
            )
        ),
        files.BEGIN + "A" * 20000 + files.END,
    ],
)
def test_what_is_no_file_is_refused_as_one_that_is_unknown(people: People, given: str) -> None:
    answer = Product(people.stranger, given or files.BEGIN).activate()

    assert answer.status_code in {404, 422}
    assert answer.json["code"] in {"unknown_license", "invalid_input"}


def test_a_file_signed_by_a_key_of_another_installation_is_refused() -> None:
    _, _, file = key_file()
    with db.transaction() as session:
        session.execute(update(LicenseKey).values(public_key=base64.urlsafe_b64encode(b"\1" * 32).decode().rstrip("=")))
    assert read(file) is None
    with db.transaction() as session:
        session.query(LicenseKey).delete()
    assert read(file) is None


def test_the_file_of_a_device_is_no_key_file_and_a_key_file_no_proof_on_a_device(people: People) -> None:
    _, code = issued("endpoint-security", "business-year")
    one = Product(people.stranger, code, "pc1", "endpoint-security")
    file = one.activate().json["license_file"]

    assert refused(one.on("pc2").activate(license=file)) == (404, "unknown_license")
    assert read(file) is None


def test_a_key_file_ends_with_the_code_it_stands_for() -> None:
    license_id, _, file = key_file()
    with db.transaction() as session:
        session.execute(update(License).where(License.id == license_id).values(code_tail="22222"))

    assert read(file) is None


def test_staff_make_key_files_but_none_of_a_voided_licence(app: App) -> None:
    license_id, _ = issued()
    manager = callers.staff(app, Permission.MANAGE_LICENSES)
    path = f"/api/v1/staff/licenses/{license_id}/key-file"

    made = manager.post(path)
    with db.transaction() as session:
        session.execute(update(License).values(voided_at=clock.now()))

    assert read(made.json["key_file"]) is not None
    assert refused(manager.post(path)) == (409, "license_void")
