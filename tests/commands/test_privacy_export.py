"""`suite privacy export`: a copy for somebody who cannot sign in to ask for it."""

import stat
import zipfile
from pathlib import Path

import orjson
import pytest

from suite.kernel.ids import new_id
from tests.commands.conftest import Terminal
from tests.people import People


@pytest.mark.policy("RIG-2")
def test_a_staff_member_gets_a_copy_by_the_operator(terminal: Terminal, people: People, tmp_path: Path) -> None:
    member, target = people.staff().person_id, tmp_path / "ada.zip"

    done = terminal("privacy", "export", "--person", member, "--to", str(target))

    with zipfile.ZipFile(target) as archive:
        document = orjson.loads(archive.read("export.json"))
    tables = {record["table"] for group in document["groups"] for record in group["records"]}
    assert done.code == 0, done.err
    assert "Hand it over only to the person" in done.out
    assert document["person"] == member
    assert {"staff_members", "staff_sessions"} <= tables
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_a_copy_replaces_no_file_and_of_nobody_leaves_none(terminal: Terminal, people: People, tmp_path: Path) -> None:
    kept, nobody = tmp_path / "kept.zip", tmp_path / "nobody.zip"
    kept.write_text("mine")

    over = terminal("privacy", "export", "--person", people.account()["id"], "--to", str(kept))
    none = terminal("privacy", "export", "--person", str(new_id()), "--to", str(nobody))

    assert [over.code, none.code] == [1, 1]
    assert kept.read_text() == "mine"
    assert "Nothing is held under this number." in none.err
    assert not nobody.exists()
