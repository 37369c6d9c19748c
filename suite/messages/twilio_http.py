"""How Twilio is spoken to: once, at the configured address, within a time and a size. Imported by the first text."""

import threading
import time
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests.exceptions import ConnectionError as BrokenOff
from requests.exceptions import ReadTimeout
from twilio.http.http_client import TwilioHttpClient
from urllib3.exceptions import HTTPError

LONGEST = 25.0
"""Seconds an answer may take, however busily it drips: less than a lease."""
MOST = 64 * 1024
"""Bytes of an answer that are read; those of Twilio have about one thousand."""
_LONGEST_REST = 300.0
_PIECE = 8 * 1024


class Heard(threading.local):
    """What the last answer to this thread said besides its body."""

    status: int | None = None
    rest: float = 0.0


class Http(TwilioHttpClient):  # type: ignore[misc]
    """Speaks to the configured address and notes status and Retry-After, which Twilio's exceptions do not tell."""

    def __init__(self, address: str, timeout: float) -> None:
        super().__init__(timeout=min(timeout, LONGEST), max_retries=0)
        self.heard = Heard()
        self._target = urlsplit(address)
        for scheme in ("https://", "http://"):
            self.session.mount(scheme, _Bounded(max_retries=0))

    def request(self, method: str, url: str, *args: Any, **options: Any) -> Any:
        """Send one request; the number and the code in it are not kept."""
        self.heard.status, self.heard.rest = None, 0.0
        place = urlsplit(url)._replace(scheme=self._target.scheme, netloc=self._target.netloc)
        try:
            answer = super().request(method, urlunsplit(place), *args, **options)
        finally:
            self._test_only_last_request = self._test_only_last_response = None
        self.heard.status, self.heard.rest = answer.status_code, rest(answer.headers.get("Retry-After"))
        return answer


class _Bounded(HTTPAdapter):
    """Reads an answer to its end itself, so that neither a long nor a slow one holds the thread."""

    def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        until = time.monotonic() + LONGEST
        answer = super().send(request, *args, **options)
        try:
            answer._content = _read(answer, until)  # noqa: SLF001 - where requests keeps what was read
        except BaseException:
            answer.close()
            raise
        return answer


def _read(answer: Response, until: float) -> bytes:
    pieces, size = [], 0
    try:
        while piece := answer.raw.read1(_PIECE, decode_content=True):
            pieces.append(piece)
            size += len(piece)
            if size > MOST:
                raise BrokenOff("The answer is too long.")
            if time.monotonic() > until:
                raise ReadTimeout("The answer takes too long.")
    except HTTPError as problem:
        raise BrokenOff("The answer broke off.") from problem
    return b"".join(pieces)


def rest(retry_after: str | None) -> float:
    """Give how many seconds a server asks to be left alone, five minutes at most; dates are not understood."""
    text = (retry_after or "").strip()
    return min(float(text), _LONGEST_REST) if text.isascii() and text.isdigit() and len(text) < 10 else 0.0
