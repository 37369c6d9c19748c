"""Every HTML page keeps the rules of pages: strict policy, nothing from outside, readable by everybody."""

import re

import pytest

from suite.kernel.http import App
from suite.kernel.pages import page as render
from tests.pages import Page, read
from tests.people import Outbox, People

PAGES = (
    "/",
    "/docs",
    "/privacy",
    "/confirm",
    "/recover",
    "/undo",
    "/staff/invitation",
    "/cookies",
    "/unsubscribe",
    "/dev/inbox",
)


@pytest.fixture(params=PAGES)
def path(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_the_list_of_pages_is_complete(app: App, people: People) -> None:
    """A route that answers HTML without needing a row stands in the list above."""
    paths = {rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments}
    html = {path for path in paths if people.stranger.get(path).mimetype == "text/html"}

    assert html == set(PAGES)


def test_scripts_and_styles_run_only_with_a_fresh_nonce(people: People, path: str) -> None:
    first, second = people.stranger.get(path), people.stranger.get(path)
    policies = [answer.headers["Content-Security-Policy"] for answer in (first, second)]
    nonce = re.search(r"script-src 'nonce-([\w-]{20,})'", policies[0])
    page = read(first)

    assert nonce
    assert policies[0] != policies[1]
    assert f"style-src 'nonce-{nonce[1]}'" in policies[0]
    assert "default-src 'none'" in policies[0]
    assert "unsafe" not in policies[0]
    assert all(one.attributes.get("nonce") == nonce[1] for one in (*page.all("script"), *page.all("style")))


def test_nothing_inline_needs_a_weaker_policy(people: People, path: str) -> None:
    page = read(people.stranger.get(path))

    assert page.attribute("style") == []
    assert page.handlers == []
    assert not any(href.startswith("javascript:") for href in page.attribute("href"))


def test_nothing_is_loaded_from_outside(people: People, path: str) -> None:
    html = people.stranger.get(path).get_data(as_text=True)
    page = read(html)
    styles = " ".join(re.findall(r"<style.*?</style>", html, re.DOTALL))

    assert page.loads
    assert all(address.startswith(("/", "data:")) and not address.startswith("//") for address in page.loads)
    assert "@import" not in styles
    assert "url(" not in styles


def test_a_page_says_its_language_title_and_width(people: People, path: str) -> None:
    html = people.stranger.get(path).get_data(as_text=True)
    page = read(html)
    names = {meta.attributes.get("name"): meta.attributes.get("content") for meta in page.all("meta")}

    assert html.startswith("<!doctype html>")
    assert page.all("html")[0].attributes["lang"] == "en"
    assert re.search(r"<title>\S[^<]+</title>", html)
    assert names["viewport"] == "width=device-width, initial-scale=1"
    assert names["color-scheme"] == "light dark"


def test_a_page_can_be_used_by_keyboard_and_read_aloud(people: People, path: str) -> None:
    html = people.stranger.get(path).get_data(as_text=True)
    page = read(html)
    labels = {label.attributes.get("for") for label in page.all("label")}

    assert len(page.all("main")) == 1
    assert page.all("a")[0].attributes["href"] == "#main"
    assert ":focus-visible { outline:" in html
    assert all(field.attributes["id"] in labels for field in page.all("input"))
    assert not page.all("img")


@pytest.mark.parametrize("path", ["/", "/privacy", "/dev/inbox"])
def test_headings_leave_no_level_out(people: People, outbox: Outbox, path: str) -> None:
    people.register()
    outbox.deliver()

    levels = heading_levels(read(people.stranger.get(path)))

    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(levels, levels[1:], strict=False) if before >= 1)


def heading_levels(page: Page) -> list[int]:
    """Give the levels of headings inside the main text, in order."""
    levels = [int(one.name[1]) for one in page.elements if re.fullmatch(r"h[1-6]", one.name)]
    return levels[levels.index(1) :]


def test_only_the_inbox_may_show_frames(people: People) -> None:
    allowed = {
        path for path in PAGES if "frame-src 'self'" in people.stranger.get(path).headers["Content-Security-Policy"]
    }

    assert allowed <= {"/dev/inbox"}


@pytest.mark.parametrize(
    ("path", "tongue", "title"),
    [
        ("/confirm", "de", "Adresse bestätigen"),
        ("/confirm", "ru", "Подтверждение адреса"),
        ("/recover", "de", "Neues Passwort"),
        ("/recover", "ru", "Новый пароль"),
        ("/staff/invitation", "de", "Ihr Zugang zu den internen Werkzeugen"),
        ("/staff/invitation", "ru", "Ваш доступ к внутренним инструментам"),
    ],
)
def test_the_page_behind_a_mailed_link_speaks_the_language_of_its_reader(
    people: People, path: str, tongue: str, title: str
) -> None:
    answer = people.stranger.get(path, headers={"Accept-Language": tongue})

    assert f"<title>{title}</title>" in answer.get_data(as_text=True)
    assert read(answer).all("html")[0].attributes["lang"] == tongue
    assert "Accept-Language" in answer.headers["Vary"]


def test_what_a_page_is_given_is_escaped() -> None:
    source = '{% extends "page.html" %}{% block title %}{{ given }}{% endblock %}{% block main %}<p>{{ given }}</p>{% endblock %}'

    html = render(source, given="<script>alert('{{ 7*7 }}')</script>").get_data(as_text=True)

    assert read(html).all("script") == []
    assert "{{ 7*7 }}" in read(html).text


def colours(html: str) -> dict[str, dict[str, str]]:
    """Give the colours of the frame, light and dark."""
    light, _, dark = html.partition("prefers-color-scheme: dark")
    dark = dark.partition("}")[0]
    return {
        name: {key: value if len(value) == 7 else "#" + "".join(c * 2 for c in value[1:]) for key, value in found}
        for name, found in (
            ("light", re.findall(r"--([\w-]+): (#\w+)", light)),
            ("dark", re.findall(r"--([\w-]+): (#\w+)", dark)),
        )
    }


def contrast(one: str, other: str) -> float:
    """Give the contrast ratio of WCAG 2.2 between two colours."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    brighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("ink", "paper"),
    [
        *((ink, paper) for ink in ("ink", "quiet", "accent") for paper in ("paper", "card", "soft")),
        ("on-accent", "accent"),
        ("good", "good-soft"),
        ("bad", "bad-soft"),
        ("bad", "card"),
        ("note", "note-soft"),
        ("ink", "bad-soft"),
    ],
)
def test_text_stands_out_from_its_ground(people: People, scheme: str, ink: str, paper: str) -> None:
    palette = colours(people.stranger.get("/").get_data(as_text=True))[scheme]

    assert contrast(palette[ink], palette[paper]) >= 4.5


def test_the_contrast_of_black_on_white_is_twenty_one() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") < 4.5
