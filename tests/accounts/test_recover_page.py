"""The page that leads to a new password fits the routes it speaks to."""

import re

from suite.accounts import recovery_steps
from suite.factors import METHODS
from suite.kernel.http import App
from tests.pages import read
from tests.people import People


def source(people: People) -> str:
    return people.stranger.get("/recover").get_data(as_text=True)


def test_every_address_the_page_sends_to_is_a_route(app: App, people: People) -> None:
    sent = set(re.findall(r"(?:post|step)\([\"`](/[\w/${}-]+)[\"`]", source(people)))
    served = {re.sub(r"<[^>]+>", "${request}", rule.rule) for rule in app.url_map.iter_rules()}

    assert {f"/api/v1{path}" for path in sent} <= served
    assert sent == {
        "/challenges/code",
        "/recoveries",
        "/recoveries/${request}/proof",
        "/recoveries/proof",
        "/recoveries/answer",
        "/recoveries/second-factor",
        "/recoveries/wait",
        "/recoveries/password",
    }


def test_the_page_knows_every_step_and_every_method(people: People) -> None:
    html = source(people)

    assert all(f'"{step}"' in html for step in (recovery_steps.QUESTION, recovery_steps.SECOND_FACTOR))
    assert all(f'"{method}": ' in html for method in METHODS)
    assert {form.attributes["id"] for form in read(html).all("form")} == {
        "ask",
        "code",
        "link",
        "question",
        "factor",
        "wait",
        "password",
    }


def test_every_form_of_the_page_says_its_answers_aloud_and_has_one_button_that_sends(people: People) -> None:
    html = source(people)
    forms = html.split("<form ")[1:]

    assert all(form.split("</form>")[0].count('role="alert"') == 1 for form in forms)
    assert all(form.split("</form>")[0].count('type="submit"') == 1 for form in forms)


def test_the_token_leaves_the_address_bar_before_anything_is_sent(people: People) -> None:
    script = source(people).split("<script")[1]

    assert script.index("history.replaceState") < script.index("fetch(")


def test_nothing_is_proven_before_somebody_presses_the_button(people: People) -> None:
    """Scanners of mail open links and run scripts: the link is spent by a click alone."""
    last = source(people).split("show(token.length")[1]

    assert "post(" not in last
    assert "acts" not in last
