"""The two cookies of a browser that signs in: its session, and that the browser is known."""

from flask import Response, current_app, request

from suite.kernel.http import App, cookie

_DEVICE_SECONDS = 180 * 24 * 3600


def brought() -> tuple[str | None, str | None]:
    """Give the session and the device a browser brings along."""
    app = _app()
    return request.cookies.get(app.session_cookie), request.cookies.get(app.device_cookie)


def hand_over(response: Response, *, session: str, device: str) -> None:
    """Give a browser the tokens of its session and of itself; scripts never see them."""
    app = _app()
    response.headers.add("Set-Cookie", _cookie(app.session_cookie, session, seconds=None))
    response.headers.add("Set-Cookie", _cookie(app.device_cookie, device, seconds=_DEVICE_SECONDS))


def take_away(response: Response) -> None:
    """Take the session away from a browser."""
    response.headers.add("Set-Cookie", _cookie(_app().session_cookie, "", seconds=0))


def _app() -> App:
    app: App = current_app  # type: ignore[assignment]
    return app


def _cookie(name: str, value: str, *, seconds: int | None) -> str:
    return cookie(name, value, seconds=seconds, secure=name.startswith("__Host-"))
