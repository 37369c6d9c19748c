"""Whatever can open a connection is behind the exit gate, or stands in a short list with its reason."""

import ast
from collections.abc import Iterable, Iterator

import pytest

from suite.declarations.purposes import PURPOSES
from suite.kernel.access import NEEDED_FOR, PERMISSIONS, ActorKind
from suite.kernel.http import App
from suite.staff.roles import ROLES
from tests import source
from tests.house_rules.test_matrix import WHO
from tests.house_rules.test_phone_numbers import places_of

CONNECTS = frozenset(
    "aiohttp asyncio boto3 ftplib http.client http.server httpx imaplib nntplib obstore paramiko poplib psycopg redis "
    "requests smtplib socket socketserver subprocess telnetlib twilio urllib.request urllib3 websocket websockets "
    "xmlrpc".split()
)
BEHIND_THE_GATE = {
    "messages/senders.py": {"smtplib"},
    "messages/twilio.py": {"twilio"},
    "messages/twilio_http.py": {"requests", "twilio", "urllib3"},
    "webhooks/conversation.py": {"socket", "urllib3"},
}
OUR_OWN = {
    "backups/postgres.py": {"psycopg"},  # copies out of our own database
    "backups/postgres_load.py": {"psycopg", "subprocess"},  # brings it back through psql
    "backups/postgres_programs.py": {"psycopg", "subprocess"},  # pg_dump and pg_restore, against the same database
    "kernel/files.py": {"obstore"},  # the file store, our own or our processor's: a declared store
    "kernel/shelf.py": {"obstore"},  # encrypted backups and their inner keys, where the settings put them
    "kernel/traffic.py": {"redis"},  # counters under keyed hashes, in our own Redis
    "kernel/worker.py": {"psycopg", "socket"},  # waits for word from our own database; the name of this machine
    "commands/doctor/outside.py": {"redis"},  # says PING to it
    "server.py": {"socket"},  # listens
}


def connecting(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Give the packages of a module that can open connections."""
    for node in nodes:
        names = []
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module, *(f"{node.module}.{one.name}" for one in node.names)]
        elif isinstance(node, ast.Import):
            names = [one.name for one in node.names]
        for name in names:
            yield from (one for one in CONNECTS if name == one or name.startswith(f"{one}."))


def found() -> dict[str, set[str]]:
    all_ = {place: set(connecting(nodes)) for place, nodes in source.nodes().items()}
    return {place: packages for place, packages in all_.items() if packages}


@pytest.mark.policy("REC-14")
def test_every_place_that_can_connect_is_behind_the_gate_or_has_a_reason() -> None:
    assert found() == BEHIND_THE_GATE | OUR_OWN


def test_the_walk_finds_an_import_however_it_is_written() -> None:
    text = "import http.client\ndef f():\n    from urllib import request\n    import requests.adapters\nimport http"

    assert set(connecting(ast.walk(ast.parse(text)))) == {"http.client", "urllib.request", "requests"}


@pytest.mark.policy("REC-14")
def test_each_way_out_is_reached_from_one_place_and_a_permission_to_leave_made_in_one() -> None:
    assert places_of("WayOut()", "Smtp()", "Twilio()", "Conversation()", "sending.post()", "sender_for()") == {
        "WayOut()": {"privacy/exits.py"},
        "Smtp()": {"messages/senders.py", "commands/doctor/outside.py"},  # the doctor says NOOP
        "Twilio()": {"messages/senders.py"},
        "Conversation()": {"webhooks/sending.py"},
        "sending.post()": {"webhooks/delivery.py"},
        "sender_for()": {"messages/delivery.py"},
    }


# --- inside: who may see what, and for what


@pytest.mark.policy("REC-2", "REC-3")
def test_each_permission_of_a_role_names_the_declared_purpose_that_needs_it() -> None:
    given = PERMISSIONS[ActorKind.STAFF].union(*ROLES.values())

    assert set(NEEDED_FOR) == given
    assert set(NEEDED_FOR.values()) <= set(PURPOSES)


@pytest.mark.policy("REC-3")
def test_each_route_of_the_internal_tools_serves_a_purpose() -> None:
    asked = {route: may.permission for route, may in WHO.items() if may and "/staff/" in route}

    assert [route for route, permission in asked.items() if permission not in NEEDED_FOR] == []


@pytest.mark.policy("REC-2", "REC-3")
def test_the_catalogue_says_who_inside_may_see_what_and_for_what(app: App) -> None:
    access = app.test_client().get("/api/v1/privacy/catalogue").json["access"]

    assert {"role": "virus_analyst", "permission": "analyse_files", "purpose": "protect_users"} in access
    assert {(one["role"], one["permission"]) for one in access} == {
        (str(role), str(permission)) for role, allowed in ROLES.items() for permission in allowed
    }
