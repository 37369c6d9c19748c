"""The server in front of the application: what it says of requests that never reach the application."""

import socket
from pathlib import Path

import pytest

from tests.servers import running_server

CANARY = "ann@example.org"


@pytest.mark.parametrize(
    "raw",
    [
        f"GET /?{CANARY} HTTP/9.1\r\n\r\n",
        f"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthori zation {CANARY}: x\r\n\r\n",
        f"{CANARY} / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        f"POST /api/v1/sessions HTTP/1.1\r\nHost: {{place}}\r\nContent-Type: application/json\r\n"
        f"Transfer-Encoding: chunked\r\n\r\n{CANARY}\r\n",
        f"GET /{CANARY} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {CANARY}\r\n\r\n",
    ],
    ids=["version", "header", "method", "chunk", "length"],
)
def test_the_log_names_neither_the_caller_of_an_unreadable_request_nor_what_it_held(
    address_of_server: tuple[str, Path], raw: str
) -> None:
    address, folder = address_of_server
    place = address.removeprefix("http://")
    host, _, port = place.partition(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(raw.replace("{place}", place).encode())
        answer = connection.recv(1000)

    said = (folder / "server.log").read_text(encoding="utf-8")

    assert answer.startswith(b"HTTP/1.1 4")
    assert CANARY not in said
    assert "127.0.0.1" not in said


@pytest.fixture(scope="module")
def address_of_server(tmp_path_factory: pytest.TempPathFactory) -> object:
    """Give a running server and the folder of its log."""
    folder = tmp_path_factory.mktemp("server")
    with running_server(folder, "--no-jobs", "--threads", "4") as address:
        yield address, folder
