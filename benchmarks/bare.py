"""What who-am-I is compared with: a bare Flask view with one indexed Core SELECT on the same rows.

`python -m benchmarks.bare PORT default|autocommit`, with the environment of the product's server.
"""

import sys
from typing import Any

from flask import Flask, Response, jsonify, request
from sqlalchemy import Column, DateTime, MetaData, String, Table, Uuid, bindparam, create_engine, select

from suite.kernel import secrets
from suite.server import Server, options
from suite.settings import load


def make(url: str, autocommit: bool) -> Flask:
    """Make the application: the tables are written by hand, so that nothing of the product is in the way."""
    options_: dict[str, Any] = {"isolation_level": "AUTOCOMMIT"} if autocommit else {}
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"), pool_size=20, **options_)
    tables = MetaData()
    accounts = Table(
        "accounts",
        tables,
        Column("id", Uuid, primary_key=True),
        Column("address", String),
        Column("language", String),
        Column("created_at", DateTime(timezone=True)),
    )
    sessions = Table(
        "sessions",
        tables,
        Column("account_id", Uuid),
        Column("token_hash", String),
        Column("expires_at", DateTime(timezone=True)),
    )
    who = (
        select(accounts.c.id, accounts.c.address, accounts.c.language, accounts.c.created_at)
        .join(sessions, sessions.c.account_id == accounts.c.id)
        .where(sessions.c.token_hash == bindparam("token_hash"))
    )
    bare = Flask("bare")

    @bare.get("/api/v1/me")
    def me() -> tuple[Response, int] | Response:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        with engine.connect() as connection:
            row = connection.execute(who, {"token_hash": secrets.token_hash(token)}).first()
        if row is None:
            return jsonify(error="sign in"), 401
        return jsonify(id=row.id, email=row.address, language=row.language, created_at=row.created_at)

    @bare.get("/healthz")
    def healthz() -> Response:
        return jsonify(status="ok")

    return bare


if __name__ == "__main__":
    port = int(sys.argv[1])
    Server(make(load().database_url, sys.argv[2] == "autocommit"), options("127.0.0.1", port, 1, 16)).run()  # type: ignore[arg-type]
