"""JSON as the API takes it: every trap as a case, and bodies over real sockets."""

import json
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suite.kernel import strictjson
from suite.kernel.errors import MalformedJson
from suite.kernel.http import App
from tests.servers import running_server

SESSIONS = "/api/v1/sessions"

TRAPS = {
    "nested 100,000 deep in arrays": (b"[" * 100_000, "too_deep"),
    "nested 100,000 deep and closed again": (b"[" * 100_000 + b"]" * 100_000, "too_deep"),
    "nested 40,000 deep in objects": (b'{"a":' * 40_000 + b"1" + b"}" * 40_000, "too_deep"),
    "nested one too deep": (b"[" * 33 + b"]" * 33, "too_deep"),
    "one half of a character": (rb'{"email":"\ud800"}', "unacceptable_character"),
    "the other half": (rb'{"email":"a\udfff"}', "unacceptable_character"),
    "halves in the wrong order": (rb'{"email":"\udc00\ud800"}', "unacceptable_character"),
    "half a character in a key": (rb'{"\ud800":1}', "unacceptable_character"),
    "half a character deep inside": (rb'[[{"a":["\uDABC"]}]]', "unacceptable_character"),
    "an escaped NUL": (rb'{"email":"a\u0000b"}', "unacceptable_character"),
    "a plain NUL": (b'{"email":"a\x00b"}', "nul_character"),
    "NaN": (b'{"a":NaN}', "not_a_number"),
    "Infinity": (b'{"a":Infinity}', "not_a_number"),
    "minus Infinity": (b'{"a":-Infinity}', "not_a_number"),
    "1e999": (b'{"a":1e999}', "number_too_large"),
    "-1e999": (b'{"a":-1e999}', "number_too_large"),
    "400 digits": (b'{"a":' + b"9" * 400 + b"}", "number_too_large"),
    "10,000 digits": (b'{"a":-' + b"9" * 10_000 + b"}", "number_too_large"),
    "19 digits": (b'{"a":' + b"9" * 19 + b"}", "number_too_large"),
    "a key twice": (b'{"email":"a","email":"b"}', "duplicate_key"),
    "a key twice, once escaped": (rb'{"email":"a","\u0065mail":"b"}', "duplicate_key"),
    "a key twice deep inside": (b'[{"a":{"b":1,"b":1}}]', "duplicate_key"),
    "UTF-16": ('{"a":1}'.encode("utf-16"), "not_utf8"),
    "UTF-16 without a mark": ('{"a":1}'.encode("utf-16-le"), "nul_character"),
    "UTF-32": ('{"a":1}'.encode("utf-32-be"), "nul_character"),
    "Latin-1": ('{"a":"é"}'.encode("latin-1"), "not_utf8"),
    "an overlong slash": (b'{"a":"\xc0\xaf"}', "not_utf8"),
    "a half character in UTF-8": (b'{"a":"\xed\xa0\x80"}', "not_utf8"),
    "a byte order mark": (b'\xef\xbb\xbf{"a":1}', "not_json"),
    "nothing": (b"", "not_json"),
    "blanks": (b" \n ", "not_json"),
    "two values": (b"{}{}", "not_json"),
    "a comma at the end": (b'{"a":1,}', "not_json"),
    "a comment": (b'{"a":1} // one', "not_json"),
    "single quotes": (b"{'a':1}", "not_json"),
    "an unended text": (b'{"a":"b', "not_json"),
    "a line break in a text": (b'{"a":"b\nc"}', "not_json"),
    "a bare word": (b'{"a":undefined}', "not_json"),
    "a leading zero": (b'{"a":01}', "not_json"),
    "a hexadecimal number": (b'{"a":0x1}', "not_json"),
    "Arabic digits": ('{"a":٣}'.encode(), "not_json"),
    "a form": (b"email=a&password=b", "not_json"),
}


@pytest.mark.parametrize(("raw", "reason"), TRAPS.values(), ids=TRAPS.keys())
def test_a_trap_is_refused_with_its_reason(raw: bytes, reason: str) -> None:
    with pytest.raises(MalformedJson) as refused:
        strictjson.parse(raw)

    assert refused.value.facts == {"reason": reason}


@pytest.mark.parametrize("trap", TRAPS)
def test_a_trap_is_a_400_to_its_sender(app: App, trap: str) -> None:
    answer = app.test_client().post(SESSIONS, data=TRAPS[trap][0], content_type="application/json")

    assert (answer.status_code, answer.json["code"]) == (400, "malformed_json")
    assert answer.json["reason"] == TRAPS[trap][1]


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (rb'"\ud83d\ude00"', "😀"),
        (b'"' + b"[" * 1000 + b'"', "[" * 1000),
        (rb'"\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["', '"' + "[" * 39),
        (b"[" * 32 + b"]" * 32, None),
        (b"[[]" + b",[]" * 99 + b"]", [[]] * 100),
        (b"999999999999999999", 10**18 - 1),
        (b"-0", 0),
        (b"1e5", 100000.0),
        (b" {} ", {}),
    ],
)
def test_what_only_looks_like_a_trap_is_taken(raw: bytes, value: object) -> None:
    found = strictjson.parse(raw)

    assert value is None or found == value


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**17), 10**17)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(codec="ascii", exclude_characters="\x00")), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(value=values, ascii_only=st.booleans())
def test_sound_json_says_what_it_said(value: object, ascii_only: bool) -> None:
    assert strictjson.parse(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


@settings(deadline=None)
@given(st.binary(max_size=60) | st.text('[]{}":,\\u0dD8e1-. ', max_size=60).map(str.encode))
def test_whatever_comes_is_parsed_or_refused(raw: bytes) -> None:
    try:
        strictjson.parse(raw)
    except MalformedJson as refused:
        assert refused.facts["reason"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "application/json; charset=utf-16"},
        {"Content-Type": "application/json; charset=latin-1"},
        {"Content-Type": 'application/json; charset="utf-7"'},
        {"Content-Type": "application/json, text/plain"},
        {"Content-Type": "application/jsonp"},
        {"Content-Type": "text/json"},
        {"Content-Type": "application/vnd.api+json"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
        {"Content-Type": "application/json", "Content-Encoding": "identity"},
    ],
)
def test_a_body_in_another_writing_is_not_read(app: App, headers: dict[str, str]) -> None:
    answer = app.test_client().post(SESSIONS, data=b'{"email":"a"}', headers=headers)

    assert (answer.status_code, answer.json["code"]) == (415, "wrong_media_type")


@pytest.mark.parametrize(
    "kind", ["application/json; charset=UTF-8", "Application/JSON", 'application/json;charset="utf-8"']
)
def test_utf8_may_be_said(app: App, kind: str) -> None:
    assert app.test_client().post(SESSIONS, data=b"{}", content_type=kind).status_code == 422


# --- over a real socket


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a server that really runs."""
    with running_server(tmp_path_factory.mktemp("server"), "--no-jobs", "--threads", "4") as address:
        yield address


def send(server: str, *pieces: bytes, path: str = SESSIONS, method: str = "POST", **headers: str) -> tuple[int, bytes]:
    """Send pieces of a request over a socket; give status and body of the answer."""
    place = urlsplit(server)
    fields = {"Host": place.netloc, "Content-Type": "application/json", "Connection": "close"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    head = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields.items()) + "\r\n"
    with socket.create_connection((place.hostname or "", place.port or 0), timeout=20) as peer:
        answer = b""
        try:
            peer.sendall(head.encode("latin-1"))
            for piece in pieces:
                peer.sendall(piece)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the server said no before it had heard everything
        try:
            while part := peer.recv(65536):
                answer += part
        except ConnectionResetError:
            pass
    first, _, rest = answer.partition(b"\r\n")
    return int(first.split()[1]), rest.partition(b"\r\n\r\n")[2]


def chunks(body: bytes, size: int) -> list[bytes]:
    """Cut a body into chunks as they travel."""
    cut = [body[at : at + size] for at in range(0, len(body), size)]
    return [*(b"%x\r\n%s\r\n" % (len(one), one) for one in cut), b"0\r\n\r\n"]


@pytest.mark.parametrize("size", [1, 7, 4096])
def test_a_chunked_body_is_read_to_its_end(server: str, size: int) -> None:
    body = b'{"email": "ann@example.org", "password": "' + b"x" * 100 + b'", "last": 1}'

    status, answer = send(server, *chunks(body, size), Transfer_Encoding="chunked")

    assert status == 422
    assert [one["pointer"] for one in json.loads(answer)["errors"]] == ["/last"]


def test_a_chunked_body_that_is_too_large_is_refused_and_not_cut(server: str) -> None:
    whole = b'{"email":"ann@example.org","password":"x"}'
    body = whole + b" " * (strictjson.MAX_BYTES + 1 - len(whole))

    status, answer = send(server, *chunks(body, 65536), Transfer_Encoding="chunked")

    assert (status, json.loads(answer)["code"]) == (413, "too_large")


def test_a_chunked_body_of_exactly_the_largest_size_is_read(server: str) -> None:
    whole = b'{"email":"ann@example.org","password":"x","last":1}'
    body = whole + b" " * (strictjson.MAX_BYTES - len(whole))

    assert send(server, *chunks(body, 65536), Transfer_Encoding="chunked")[0] == 422


def test_a_body_that_is_announced_too_large_is_refused_unread(server: str) -> None:
    status, answer = send(server, Content_Length=str(strictjson.MAX_BYTES + 1))

    assert (status, json.loads(answer)["code"]) == (413, "too_large")


def test_a_body_without_any_length_is_no_body(server: str) -> None:
    assert send(server)[0] == 400


@pytest.mark.parametrize(
    ("pieces", "headers"),
    [
        ((b"zz\r\n{}\r\n0\r\n\r\n",), {"Transfer_Encoding": "chunked"}),
        ((b"-1\r\n{}\r\n0\r\n\r\n",), {"Transfer_Encoding": "chunked"}),
        ((b"2\r\n{}\r\n0\r\n\r\n",), {"Transfer_Encoding": "gzip, chunked"}),
        ((b"2\r\n{}\r\n0\r\n\r\n",), {"Transfer_Encoding": "chunked", "Content_Length": "2"}),
        ((b"{}",), {"Content_Length": "-2"}),
        ((b"{}",), {"Content_Length": "2, 2"}),
        ((b"{}",), {"Content_Length": "٢".encode().decode("latin-1")}),
    ],
)
def test_a_body_whose_length_is_in_doubt_never_reaches_a_story(
    server: str, pieces: tuple[bytes, ...], headers: dict[str, str]
) -> None:
    assert send(server, *pieces, **headers)[0] in {400, 422, 501}


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/me/",
        "/%2e%2e/api/v1/me",
        "/..;/api/v1/me",
        "/api/v1/me;x",
        "/docs/..%2f..%2fwsgi.py",
        "/\\api",
    ],
)
def test_other_writings_of_an_address_open_nothing_on_the_wire(server: str, path: str) -> None:
    assert send(server, path=path, method="GET")[0] == 404


@pytest.mark.parametrize("slashes", ["//", "///"])
def test_more_slashes_in_front_lead_to_the_same_closed_door(server: str, slashes: str) -> None:
    assert send(server, path=f"{slashes}api/v1/me", method="GET")[0] == 401


@pytest.mark.parametrize("host", ["evil.example", "localhost@evil.example", ""])
def test_a_foreign_host_is_refused_on_the_wire(server: str, host: str) -> None:
    assert send(server, path="/healthz", method="GET", Host=host)[0] == 400


def test_the_server_still_answers_after_all_this(server: str) -> None:
    assert send(server, path="/healthz", method="GET") == (200, b'{"status":"ok"}')
