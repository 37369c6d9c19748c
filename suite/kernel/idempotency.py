"""Idempotency keys: a repeated POST with the same key is answered the same and done once."""

import hashlib
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Response, request
from sqlalchemy import and_, delete, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.sql.expression import ColumnElement

from suite.kernel import access, clock, db, sealed, strictjson, system
from suite.kernel.errors import (
    CsrfMissing,
    IdempotencyInProgress,
    IdempotencyKeyInvalid,
    IdempotencyKeyReused,
    SignInNeeded,
    TwoCredentials,
)
from suite.kernel.log import log
from suite.kernel.models import IdempotencyKey

HEADER = "Idempotency-Key"
_LONGEST = 128
_VISIBLE = r"[!-~]([ -~]*[!-~])?"
_BUSY = timedelta(seconds=60)

F = TypeVar("F", bound=Callable[..., Any])


def idempotent(view: F) -> F:
    """Honour the Idempotency-Key header; stands right below the access rule.

    The key is claimed before the work begins; the answer is stored in the transaction of the work.
    """

    @wraps(view)
    def once(*args: Any, **kwargs: Any) -> Any:
        given = request.headers.get(HEADER)
        if given is None:
            return view(*args, **kwargs)
        if len(given) > _LONGEST or not re.fullmatch(_VISIBLE, given):
            raise IdempotencyKeyInvalid
        key, fingerprint = _names(given)
        busy_until = clock.now() + _BUSY
        stored = _claim(key, fingerprint, busy_until)
        if stored is not None:
            return stored
        mine = and_(IdempotencyKey.key == key, IdempotencyKey.busy_until == busy_until, IdempotencyKey.status.is_(None))
        try:
            response = view(*args, **kwargs)
            _store(key, mine, response)
        except Exception as problem:
            if not getattr(problem, "keeps_work", False):
                db.session.rollback()
            _give_up(mine)
            raise
        return response

    once._apidoc = _documented(getattr(view, "_apidoc", {}))  # type: ignore[attr-defined]  # noqa: SLF001
    return cast("F", once)


def _documented(apidoc: dict[str, Any]) -> dict[str, Any]:
    manual = dict(apidoc.get("manual_doc", {}))
    manual["parameters"] = [
        *manual.get("parameters", ()),
        {
            "in": "header",
            "name": HEADER,
            "required": False,
            "description": "Makes it safe to send the request again; kept for 24 hours.",
            "schema": {"type": "string", "minLength": 1, "maxLength": _LONGEST, "pattern": f"^{_VISIBLE}$"},
        },
    ]
    refusals = (
        *apidoc.get("refusals", ()),
        IdempotencyInProgress,
        IdempotencyKeyInvalid,
        IdempotencyKeyReused,
        CsrfMissing,
        SignInNeeded,
        TwoCredentials,
    )
    manual["responses"] = {
        status: {"headers": {"Idempotency-Replayed": {"$ref": "#/components/headers/Replayed"}}}
        for status in apidoc.get("success_status_codes", ())
    }
    return {**apidoc, "manual_doc": manual, "refusals": refusals}


def _names(given: str) -> tuple[str, str]:
    keys = system.current().keys
    who = str(access.actor().id or "nobody")
    body = hashlib.sha256(strictjson.body(request)).hexdigest()
    route = f"{request.method} {request.path}"
    names = zip(
        keys.keyed_hashes(json.dumps([who, route, given]), "idempotency"),
        keys.keyed_hashes(json.dumps([route, body]), "idempotency"),
        strict=True,
    )
    return _known(dict(names))


def _known(names: dict[str, str]) -> tuple[str, str]:
    """Give the name under which a request stands already, else the one of the newest key."""
    if len(names) > 1:
        found = db.session.scalar(select(IdempotencyKey.key).where(IdempotencyKey.key.in_(names)).limit(1))
        if found is not None:
            return found, names[found]
    return next(iter(names.items()))


def _claim(key: str, fingerprint: str, busy_until: datetime) -> Response | None:
    now = clock.now()
    won = db.session.execute(
        system.current()
        .database.insert(IdempotencyKey)
        .values(
            key=key,
            fingerprint=fingerprint,
            person_id=access.actor().id,
            busy_until=busy_until,
            created_at=now,
        )
        .on_conflict_do_update(
            index_elements=[IdempotencyKey.key],
            set_={"busy_until": busy_until},
            where=and_(IdempotencyKey.busy_until <= now, IdempotencyKey.status.is_(None)),
        )
        .returning(IdempotencyKey.fingerprint)
    ).first()
    if won is None:
        row = db.session.get(IdempotencyKey, key, populate_existing=True)
        if row is None:
            raise IdempotencyInProgress(retry_after=1)
        if row.fingerprint != fingerprint:
            raise IdempotencyKeyReused
        if row.status is None or row.answer is None:
            raise IdempotencyInProgress(retry_after=2)
        plain = system.current().keys.open(row.answer, _cell(key))
        return Response(plain, row.status, content_type="application/json", headers={"Idempotency-Replayed": "true"})
    if won[0] != fingerprint:
        raise IdempotencyKeyReused
    db.settle()
    return None


def _store(key: str, mine: ColumnElement[bool], response: Response) -> None:
    """Keep the answer; a request that took so long that another one took its place is undone."""
    answer = system.current().keys.seal(response.get_data(as_text=True), _cell(key))
    stored = db.session.execute(update(IdempotencyKey).where(mine).values(status=response.status_code, answer=answer))
    if stored.rowcount != 1:  # type: ignore[attr-defined]
        raise IdempotencyInProgress(retry_after=2)


def _cell(key: str) -> str:
    return sealed.context("idempotency_keys", key, "answer")


def _give_up(mine: ColumnElement[bool]) -> None:
    """Free the key; if that fails too, the first problem is answered and the claim ends by itself."""
    try:
        db.session.execute(delete(IdempotencyKey).where(mine))
        db.settle()
    except SQLAlchemyError as problem:
        db.session.rollback()
        log.warning("idempotency_key_not_freed", exc_info=problem)
