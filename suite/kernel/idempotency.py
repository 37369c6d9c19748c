"""Idempotency keys: a repeated POST with the same key is answered the same and done once."""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Response, request
from sqlalchemy import and_, delete, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from suite.kernel import access, clock, db, strictjson, system
from suite.kernel.errors import IdempotencyInProgress, IdempotencyKeyInvalid, IdempotencyKeyReused
from suite.kernel.models import IdempotencyKey

HEADER = "Idempotency-Key"
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
        if not (0 < len(given) <= 128 and given.isascii() and given.isprintable()):
            raise IdempotencyKeyInvalid
        key, fingerprint = _names(given)
        stored = _claim(key, fingerprint)
        if stored is not None:
            return stored
        try:
            response = view(*args, **kwargs)
        except Exception as problem:
            if not getattr(problem, "keeps_work", False):
                db.session.rollback()
            db.session.execute(delete(IdempotencyKey).where(IdempotencyKey.key == key))
            db.settle()
            raise
        _store(key, response)
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
            "schema": {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[ -~]+$"},
        },
    ]
    refusals = (
        *apidoc.get("refusals", ()),
        IdempotencyInProgress,
        IdempotencyKeyInvalid,
        IdempotencyKeyReused,
    )
    return {**apidoc, "manual_doc": manual, "refusals": refusals}


def _names(given: str) -> tuple[str, str]:
    keys = system.current().keys
    who = str(access.actor().id or "nobody")
    body = hashlib.sha256(strictjson.body(request)).hexdigest()
    route = f"{request.method} {request.path}"
    return (
        keys.keyed_hash(json.dumps([who, route, given]), "idempotency"),
        keys.keyed_hash(json.dumps([route, body]), "idempotency"),
    )


def _claim(key: str, fingerprint: str) -> Response | None:
    now = clock.now()
    insert = sqlite_insert if system.current().database.sqlite else postgresql_insert
    won = db.session.execute(
        insert(IdempotencyKey)
        .values(
            key=key,
            fingerprint=fingerprint,
            person_id=access.actor().id,
            busy_until=now + _BUSY,
            created_at=now,
        )
        .on_conflict_do_update(
            index_elements=[IdempotencyKey.key],
            set_={"busy_until": now + _BUSY},
            where=and_(IdempotencyKey.busy_until <= now, IdempotencyKey.status.is_(None)),
        )
        .returning(IdempotencyKey.fingerprint)
    ).first()
    if won is None:
        row = db.session.get_one(IdempotencyKey, key, populate_existing=True)
        if row.fingerprint != fingerprint:
            raise IdempotencyKeyReused
        if row.status is None or row.answer is None:
            raise IdempotencyInProgress(retry_after=2)
        plain = system.current().keys.open(row.answer, f"idempotency_keys/{key}")
        return Response(plain, row.status, content_type="application/json", headers={"Idempotency-Replayed": "true"})
    if won[0] != fingerprint:
        raise IdempotencyKeyReused
    db.settle()
    return None


def _store(key: str, response: Response) -> None:
    sealed = system.current().keys.seal(response.get_data(as_text=True), f"idempotency_keys/{key}")
    db.session.execute(
        update(IdempotencyKey).where(IdempotencyKey.key == key).values(status=response.status_code, answer=sealed)
    )
