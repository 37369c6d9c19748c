"""The cookies of this module, and what every cookie is asked before it leaves."""

import re
from functools import partial

from flask import Response, current_app, request

from suite.consents import questions
from suite.consents.privacy import CHOICES, DOWNLOAD
from suite.consents.questions import Chosen
from suite.kernel.http import App, cookie

_HALF_A_YEAR, _A_MONTH = 182 * 24 * 3600, 30 * 24 * 3600
_A_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")


def of_browser() -> Chosen:
    """Give what the browser of this request says: its cookie, and its signal `Sec-GPC: 1`."""
    signal = request.headers.get("Sec-GPC", "").strip() == "1"
    return questions.read(request.cookies.get(_name(CHOICES)), signal=signal)


def consented(purpose: str) -> bool:
    """Say whether the browser of this request may get cookies, and pages web beacons, for a purpose."""
    return of_browser().allows(purpose)


def remember(response: Response, chosen: Chosen) -> None:
    """Keep a choice in the browser, and take away what it no longer allows."""
    app, make = _app(), partial(cookie, secure=_app().settings.https)
    kept = make(_name(CHOICES), questions.write(chosen), seconds=_HALF_A_YEAR)
    response.headers.add("Set-Cookie", kept)
    for one in app.cookies_allowed.values():
        if one.needs and one.name in request.cookies and not chosen.allows(one.needs):
            response.headers.add("Set-Cookie", make(one.name, "", seconds=0))


def set_download_cookie(response: Response, application: str) -> bool:
    """Remember in the browser which application was downloaded, if the person allowed that; say whether they did."""
    if not _A_NAME.fullmatch(application):
        raise ValueError("A download is named by 1 to 64 letters, digits, dots, dashes and underscores.")
    allowed = consented("download_cookies")
    if allowed:
        made = cookie(_name(DOWNLOAD), application, seconds=_A_MONTH, secure=_app().settings.https)
        response.headers.add("Set-Cookie", made)
    return allowed


def _name(names: tuple[str, str]) -> str:
    return names[0] if _app().settings.https else names[1]


def _app() -> App:
    app: App = current_app  # type: ignore[assignment]
    return app
