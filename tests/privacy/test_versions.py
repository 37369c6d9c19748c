"""Versions of the notice: each is kept, none is changed, and the difference of two is computed in words."""

import copy
import dataclasses
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from suite import privacy
from suite.declarations import Period
from suite.declarations.purposes import CONSENTS, PURPOSES
from suite.kernel import clock, db
from suite.kernel.http import App
from suite.privacy.changes import changes
from suite.privacy.content import content, version_of
from suite.privacy.models import NoticeVersion
from suite.privacy.phrases import Tongue
from tests.pages import read

VERSIONS = "/api/v1/privacy/versions"


@pytest.fixture
def change(app: App) -> Iterator[Callable[..., str]]:
    """Publish the notice with other facts about one service, and give the id of the version."""
    before = privacy.declared()
    privacy.publish_notice()

    def publish(key: str, **changed: Any) -> str:
        service = dataclasses.replace(before.services[key], **changed)
        privacy.declare(dataclasses.replace(before, services={**before.services, key: service}))
        with clock.at(clock.now() + timedelta(days=3)):
            privacy.publish_notice()
        return privacy.catalogue()["version"]

    yield publish
    privacy.declare(before)


@pytest.mark.policy("GEN-4", "DEC-4")
def test_changing_one_period_makes_a_version_and_the_page_says_what_changed(
    app: App, change: Callable[..., str]
) -> None:
    client = app.test_client()
    first = client.get("/api/v1/privacy/catalogue").json["version"]
    before = read(client.get("/privacy")).text

    second = change("motorsport", keep=Period(days=11))

    after = read(client.get("/privacy")).text
    sentence = "Kaspersky Motorsport Website: the time until deletion changed from “24 hours” to “11 days”."
    assert first != second
    assert "What is new since" not in before
    assert f"What is new since {_day()} {sentence} Version {second}:" in after
    assert f"Last updated on {_day(3)}." in after
    assert "deleted within 11 days." in after


@pytest.mark.policy("GEN-5")
def test_an_earlier_version_stays_as_it_was(app: App, change: Callable[..., str]) -> None:
    client = app.test_client()
    first = client.get("/api/v1/privacy/catalogue").json["version"]
    shown = client.get(f"{VERSIONS}/{first}").json

    second = change("motorsport", keep=Period(days=11))

    listed = client.get(VERSIONS).json
    page = read(client.get(f"/privacy/versions/{first}")).text
    assert [one["id"] for one in listed["versions"]] == [second, first]
    assert client.get(f"{VERSIONS}/{first}").json == shown
    assert version_of(shown["content"]) == first
    assert f"This is an earlier version, {first}, first published on {_day()}." in page
    assert "deleted within 24 hours." in page
    assert "11 days" not in page


def test_the_list_of_versions_comes_in_pages(app: App, change: Callable[..., str]) -> None:
    second = change("motorsport", keep=Period(days=11))
    client = app.test_client()

    page = client.get(f"{VERSIONS}?limit=1").json
    rest = client.get(f"{VERSIONS}?limit=1&cursor={page['next_cursor']}").json

    assert [one["id"] for one in page["versions"]] == [second]
    assert (len(rest["versions"]), rest["next_cursor"]) == (1, None)


@pytest.mark.policy("GEN-5")
def test_a_version_is_published_once_however_often_the_program_starts(app: App) -> None:
    for _ in range(3):
        privacy.publish_notice()

    assert len(app.test_client().get(VERSIONS).json["versions"]) == 1


def test_a_version_nobody_published_is_not_there(app: App) -> None:
    client = app.test_client()

    assert client.get(f"{VERSIONS}/0123456789abcdef").status_code == 404
    assert client.get("/privacy/versions/0123456789abcdef").status_code == 404
    assert "Last updated" not in read(client.get("/privacy")).text


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("de", "Kaspersky Motorsport Website: die Frist bis zur Löschung, früher „24 Stunden“, jetzt „11 Tage“."),
        ("ru", "Kaspersky Motorsport Website: срок до удаления — было «24 часа», стало «11 дней»."),
    ],
)
def test_the_difference_is_told_in_the_language_of_the_reader(
    app: App, change: Callable[..., str], language: str, sentence: str
) -> None:
    change("motorsport", keep=Period(days=11))

    assert sentence in read(app.test_client().get(f"/privacy?language={language}")).text


def _set(place: str, **values: Any) -> Callable[[dict[str, Any]], None]:
    """Give a change of the first entry of a list of the catalogue."""
    return lambda shown: shown["catalogue"][place][0].update(values)


def _named(shown: dict[str, Any], place: str, key: str, name: str) -> dict[str, Any]:
    """Give the entry of that name."""
    return next(one for one in shown["catalogue"][place] if one[key] == name)


@pytest.mark.policy("GEN-4")
@pytest.mark.parametrize(
    ("alter", "sentence"),
    [
        (
            lambda new: new["catalogue"]["recipients"].remove(_named(new, "recipients", "key", "mail_provider")),
            "Recipients: “the mail server that hands our messages to yours” was removed.",
        ),
        (
            lambda new: new["catalogue"]["cookies"].append({**new["catalogue"]["cookies"][0], "name": "tracker"}),
            "Cookies: “tracker” was added.",
        ),
        (
            lambda new: _named(new, "cookies", "name", "__Host-session").update(lasts="P2D"),
            "changed from “12 hours” to “2 days”.",
        ),
        (
            _set("consents", text="Send me nothing."),
            "the text of the consent changed from “Remind me by e-mail when one of my licences is about to expire.” to “Send me nothing.”.",
        ),
        (
            lambda new: new["catalogue"]["records"][-1]["holds"].append({"category": "user.name", "says": "name"}),
            "“name” was added.",
        ),
        (lambda new: new["catalogue"]["services"][0]["asks"].pop(), "My Account: “mobile phone number” was removed."),
        (_set("purposes", basis="consent"), "the legal basis changed from “Contract” to “Your consent”."),
        (lambda new: new["vendor"]["countries"].pop("CN"), "Countries: “China” was removed."),
        (lambda new: new["vendor"]["controller"].update(name="Another"), "Controller: the entry changed from "),
        (
            lambda new: new["wording"].append("One sentence more."),
            "The wording of this notice: “One sentence more.” was added.",
        ),
    ],
)
def test_a_change_is_said_in_words_people_understand(
    app: App, alter: Callable[[dict[str, Any]], None], sentence: str
) -> None:
    old = content()
    old["catalogue"]["services"][0]["title"] = "My Account"
    new = copy.deepcopy(old)
    alter(new)

    said = list(changes(old, new, Tongue("en")))

    assert any(sentence in one for one in said), said


def test_nothing_that_differs_stays_unsaid(app: App) -> None:
    old = content()
    new = copy.deepcopy(old)

    for place in _leaves(old):
        if place[-1] == "key" or place[-3:] == ("consents", 0, "purpose"):
            continue  # another key is another thing, and what names it would lead nowhere
        owner, key = _at(new, place)
        before, owner[key] = owner[key], _other(owner[key])
        assert list(changes(old, new, Tongue("en"))), place
        owner[key] = before


@pytest.mark.policy("GEN-5")
@pytest.mark.parametrize("language", ["en", "de", "ru"])
def test_what_the_first_release_published_can_still_be_read_and_compared(app: App, language: str) -> None:
    """Whoever gives the content another shape must still read the old one: make the new part optional."""
    first = json.loads(Path(__file__).with_name("first_version.json").read_text(encoding="utf-8"))
    with db.transaction() as session:
        session.add(NoticeVersion(hash="0" * 16, since=clock.now() - timedelta(days=900), content=first))
    privacy.publish_notice()
    client = app.test_client()

    then = read(client.get(f"/privacy/versions/{'0' * 16}?language={language}"))
    now = read(client.get(f"/privacy?language={language}"))

    assert "office-365" in then.attribute("id")
    assert "recipient-mail_provider" not in then.attribute("id")
    assert f"/privacy/versions/{'0' * 16}?language={language}" in now.attribute("href")
    assert "new" in now.attribute("id")


def _leaves(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Give the place of one value of each kind: of long lists the first entry stands for all."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, (*place, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value[:1]):
            yield from _leaves(inner, (*place, index))
    else:
        yield place


def _at(value: Any, place: tuple[Any, ...]) -> tuple[Any, Any]:
    for key in place[:-1]:
        value = value[key]
    return value, place[-1]


def _other(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if value in PURPOSES:
        return next(key for key in CONSENTS if key != value)
    for names in (privacy.declared().vendor[place] for place in ("links", "titles")):
        if value in names:
            return next(key for key in names if key != value)
    known = {"period": "P77D", "preferences": "security", "consent": "contract", "contract": "consent"}
    if value is None or str(value).startswith("P") and str(value)[-1] in "MDH":
        return "P77D"
    return known.get(value, f"{value} x")


def _day(days: int = 0) -> str:
    return Tongue("en").day(clock.now() + timedelta(days=days))
