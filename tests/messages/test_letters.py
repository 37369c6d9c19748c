"""Letters in three languages: complete, escaped, and harmless whatever the facts say."""

import re
from datetime import timedelta
from string import Formatter

import pytest

from suite.accounts import letters as account_letters
from suite.kernel import clock
from suite.kernel.words import LANGUAGES
from suite.messages import Button, Code, Letter, Line, all_letters
from suite.messages.rendering import Rendered, render
from tests.pages import read
from tests.people import Outbox, People

SHOWN = {"service": "Rock & Roll", "code": "123456", "factor": "my <phone>"}
PLAIN = "abcDEF-_123"


def facts_of(letter: Letter) -> dict[str, str]:
    """Fill every place of a letter."""
    texts = [letter.subject, *(part.text for part in letter.parts if isinstance(part, Line))]
    texts += [part.path for part in letter.parts if isinstance(part, Button)]
    texts += [f"{{{part.fact}}}" for part in letter.parts if isinstance(part, Code)]
    places = {name for text in texts for _, name, _, _ in Formatter().parse(text) if name} - {"product"}
    return {name: SHOWN.get(name, PLAIN) for name in places}


HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=https://evil.example/x onerror=alert(1)>",
    '"><a href="https://evil.example">click</a>',
    "{{ 7 * 7 }}{% for x in y %}",
    "{product.__class__} {0} {missing} {",
    "line one\r\nBcc: all@example.org\r\n\r\nbody",
    'O\'Neil & "Sons"',
)


def written(letter: Letter, language: str = "en", **facts: str) -> Rendered:
    return render(
        letter, facts_of(letter) | facts, language, public_url="https://accounts.example.com/", product="Accounts"
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("letter", all_letters(), ids=lambda letter: letter.key)
def test_a_letter_says_the_same_as_text_and_as_html_with_every_place_filled(letter: Letter, language: str) -> None:
    rendered = written(letter, language)
    page = read(rendered.html)

    for sentence in filter(None, rendered.text.split("\n\n-- \n")[0].split("\n\n")):
        if "https://" not in sentence:
            assert " ".join(sentence.split()) in page.text
    assert not re.search(r"[{}]", rendered.subject + rendered.text + page.text)
    assert page.all("html")[0].attributes["lang"] == language


@pytest.mark.parametrize("letter", all_letters(), ids=lambda letter: letter.key)
def test_the_languages_differ(letter: Letter) -> None:
    texts = {written(letter, language).text for language in LANGUAGES}
    subjects = {written(letter, language).subject for language in LANGUAGES}

    assert (len(texts), len(subjects)) == (3, 3)


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("letter", all_letters(), ids=lambda letter: letter.key)
def test_facts_stay_text_whatever_they_hold(letter: Letter, hostile: str) -> None:
    rendered = written(letter, **dict.fromkeys(facts_of(letter), hostile))
    page, harmless = read(rendered.html), read(written(letter).html)

    assert [element.name for element in page.elements] == [element.name for element in harmless.elements]
    assert page.handlers == []
    shows_facts = any(
        "{" in part.text and "{product}" not in part.text for part in letter.parts if isinstance(part, Line)
    )
    if shows_facts:
        assert " ".join(hostile.split()) in page.text
        assert " ".join(hostile.split()) in rendered.text


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_subject_is_one_short_line(hostile: str, language: str) -> None:
    subject = written(account_letters.confirm_address, language, code=hostile * 20).subject

    assert not re.search(r"[\r\n]", subject)
    assert len(subject) <= 200


@pytest.mark.parametrize("letter", all_letters(), ids=lambda letter: letter.key)
def test_opening_a_letter_asks_nobody_for_anything(letter: Letter) -> None:
    page = read(written(letter).html)

    assert page.loads == []
    assert page.all("script") == page.all("img") == page.all("link") == []
    assert "url(" not in written(letter).html
    assert all(href.startswith("https://accounts.example.com/") for href in page.attribute("href"))


def test_a_fact_cannot_leave_its_place_in_a_link() -> None:
    letter = Letter("with_link", "Subject", (Button("Open", "/open#{link}"),), purpose="sign_in")

    page = read(written(letter, link='x" onclick="y /../&?=').html)

    assert page.attribute("href") == ["https://accounts.example.com/open#x%22%20onclick%3D%22y%20%2F..%2F%26%3F%3D"]
    assert page.handlers == []


def test_the_mailed_link_stands_in_text_and_button_alike() -> None:
    rendered = written(account_letters.confirm_address)

    assert "https://accounts.example.com/confirm#abcDEF-_123\n" in rendered.text
    assert read(rendered.html).attribute("href") == ["https://accounts.example.com/confirm#abcDEF-_123"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_letter_says_how_long_the_code_lives(language: str) -> None:
    minutes = account_letters.CODE_LIVES // timedelta(minutes=1)

    assert f" {minutes} " in written(account_letters.confirm_address, language).text


@pytest.mark.parametrize(("language", "subject"), [("de", "Ihr Code lautet"), ("ru", "Ваш код:")])
def test_people_get_mail_in_the_language_they_registered_in(
    people: People, outbox: Outbox, language: str, subject: str
) -> None:
    people.register(language=language)

    assert outbox.last("confirm_address").subject.startswith(subject)


def test_the_inbox_shows_hostile_text_as_text(people: People, outbox: Outbox) -> None:
    from suite.kernel import db
    from suite.messages.models import InboxMessage

    people.register()
    outbox.deliver()
    with db.transaction() as session:
        message = session.query(InboxMessage).one()
        message.subject = message.text = message.recipient = "<img src=x onerror=alert(1)> {{ 7*7 }}"

    page = read(people.stranger.get("/dev/inbox"))

    assert page.all("img") == []
    assert page.text.count("<img src=x onerror=alert(1)> {{ 7*7 }}") == 3


def test_the_inbox_shows_the_newest_message_first_and_links_to_its_html(people: People, outbox: Outbox) -> None:
    people.register("old@example.org")
    outbox.deliver()
    with clock.at(clock.now() + timedelta(minutes=1)):
        people.register("new@example.org")
        outbox.deliver()

    page = read(people.stranger.get("/dev/inbox"))
    links = [href for href in page.attribute("href") if href.endswith(".html")]
    mails = [people.stranger.get(href) for href in links]

    assert page.text.index("new@example.org") < page.text.index("old@example.org")
    assert [mail.status_code for mail in mails] == [200, 200]
    assert "sandbox" in mails[0].headers["Content-Security-Policy"]


def test_an_empty_inbox_says_so(people: People) -> None:
    assert "Nothing here yet" in read(people.stranger.get("/dev/inbox")).text
