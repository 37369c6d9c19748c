"""Refusals: the only way a story says no."""

from collections.abc import Mapping
from typing import Any, ClassVar

from suite.kernel.words import marked as _


class Refusal(Exception):
    """A no with an HTTP status and a stable code, answered as `application/problem+json` (RFC 9457).

    `keeps_work` refusals commit what was done before them: a counted wrong code stays counted.
    """

    status: ClassVar[int] = 409
    code: ClassVar[str] = "refused"
    title: ClassVar[str] = "This cannot be done."
    keeps_work: ClassVar[bool] = False

    def __init__(self, *, headers: Mapping[str, str] | None = None, **facts: Any) -> None:
        super().__init__(self.code)
        self.headers = dict(headers or {})
        self.facts = facts


class Later(Refusal):
    """A refusal that says after how many seconds to try again."""

    def __init__(self, retry_after: int, **facts: Any) -> None:
        super().__init__(headers={"Retry-After": str(max(1, retry_after))}, **facts)


class SignInNeeded(Refusal):
    status, code, title = 401, "sign_in_needed", _("Please sign in.")

    def __init__(self, **facts: Any) -> None:
        super().__init__(headers={"WWW-Authenticate": 'Bearer realm="suite"'}, **facts)


class TwoCredentials(Refusal):
    status, code = 400, "two_credentials"
    title = _("Send either the session cookie or a bearer token, not both.")


class SignInAgain(Refusal):
    status, code = 403, "sign_in_again"
    title = _("Please confirm first that it is you; the last confirmation is too long ago.")


class NotAllowed(Refusal):
    status, code, title = 403, "not_allowed", _("You may not do this.")


class CsrfMissing(Refusal):
    status, code = 403, "csrf_token_missing"
    title = _("The X-CSRF-Token header is missing or does not belong to this session.")


class ForeignOrigin(Refusal):
    status, code, title = 403, "foreign_origin", _("Requests from this web site are not accepted.")


class NotFound(Refusal):
    status, code, title = 404, "not_found", _("There is nothing here.")


class UnknownHost(Refusal):
    status, code, title = 400, "unknown_host", _("This host name is not served here.")


class MalformedJson(Refusal):
    status, code, title = 400, "malformed_json", _("The body is not acceptable JSON.")


class WrongMediaType(Refusal):
    status, code, title = 415, "wrong_media_type", _("The body must be application/json in UTF-8.")


class MalformedForm(Refusal):
    status, code, title = 400, "malformed_form", _("The body is no acceptable form.")


class FormNeeded(WrongMediaType):
    title = _("The body must be application/x-www-form-urlencoded in UTF-8.")


class TooLarge(Refusal):
    status, code, title = 413, "too_large", _("The body is too large.")


class InvalidInput(Refusal):
    status, code, title = 422, "invalid_input", _("Some of the values are not acceptable.")


class InvalidCursor(Refusal):
    status, code = 422, "invalid_cursor"
    title = _("This cursor leads to no page. Begin again without one.")


class TooManyRequests(Later):
    status, code, title = 429, "too_many_requests", _("Too many requests. Please wait a little.")


class TooManyAttempts(Later):
    status, code, title = 429, "too_many_attempts", _("Too many attempts. Please wait a little.")
    keeps_work = True


class Busy(Later):
    status, code, title = 503, "busy", _("The server is busy. Please try again in a moment.")


class Unavailable(Later):
    status, code, title = (
        503,
        "unavailable",
        _("The service is not available right now. Nothing was changed."),
    )


class IdempotencyKeyReused(Refusal):
    status, code = 422, "idempotency_key_reused"
    title = _("This Idempotency-Key was used for a different request.")


class IdempotencyInProgress(Later):
    status, code = 409, "idempotency_in_progress"
    title = _("The first request with this Idempotency-Key is still running.")


class IdempotencyKeyInvalid(Refusal):
    status, code = 400, "idempotency_key_invalid"
    title = _("An Idempotency-Key has 1 to 128 visible ASCII characters.")


class IfMatchNeeded(Refusal):
    status, code = 428, "if_match_needed"
    title = _("Send the ETag of what you read in If-Match, so that no change of somebody else is lost.")


class ChangedMeanwhile(Refusal):
    status, code = 412, "changed_meanwhile"
    title = _("This was changed meanwhile. Please look at it again.")
