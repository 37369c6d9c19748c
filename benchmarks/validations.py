"""Validating licences against a bare Flask view on the same server software, with the same SELECT on the same rows.

Every answer about a good licence carries a file signed with Ed25519, so the aim is about the bare view that signs, too.
The view without a signature is shown beside it: it says what signing costs. Where others use the machine, the time of
the processor for each answer tells more than answers per second; that of PostgreSQL itself, the same for both, is left
out.

`python -m benchmarks.validations PORT plain|signing` is the bare server, with the environment of the product's.
"""

import base64
import hashlib
import hmac
import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask, Response, jsonify, request
from sqlalchemy import Row as DatabaseRow
from sqlalchemy import bindparam, create_engine, insert, select

from benchmarks.ground import Ground, free_port, grounds, inside, running, suite_server
from benchmarks.load import Result, load
from benchmarks.load import request as written
from benchmarks.memory import family
from benchmarks.table import Row, show
from suite.kernel import clock, db
from suite.kernel.ids import new_id
from suite.licenses import issue
from suite.licenses.activations import device_hashes
from suite.licenses.models import Activation, License
from suite.server import Server, options
from suite.settings import load as settings

LICENSES, ROUNDS, SECONDS, AIM = 5000, 5, 2.0, 0.70
PRODUCT, PATH = "total-protection", "/api/v1/licenses/validations"


def main() -> list[Row]:
    """Measure on SQLite and on PostgreSQL."""
    rows = []
    with grounds() as found:
        for ground in found:
            bodies, hashed = fill(ground)
            rows += [compare(ground, bodies, hashed, kind) for kind in ("plain", "signing")]
    show("Validating a licence, answers per second (one process, 16 threads, 8 connections)", rows)
    return rows


def fill(ground: Ground) -> tuple[list[str], list[str]]:
    """Put licences in use into the database; give the requests for the product, and those for the bare view."""
    ours, bare = [], []
    with inside(ground), db.transaction() as session:
        made = list(issue(PRODUCT, "subscription-year", LICENSES, source="bench", begins_at=clock.now()))
        hashes = dict(session.execute(select(License.id, License.code_hash)).tuples().all())
        rows = []
        for number, one in enumerate(made):
            device = f"device-{number:036d}"
            hashed = device_hashes(PRODUCT, device)[0]
            rows.append({"id": new_id(), "license_id": one.license_id, "device_hash": hashed, "seat": 1})
            ours.append(written("POST", PATH, {"license": one.code, "product": PRODUCT, "device": device}))
            named = {"license": hashes[one.license_id], "product": PRODUCT, "device": hashed}
            bare.append(written("POST", PATH, named))
        session.execute(insert(Activation), [row | {"activated_at": clock.now()} for row in rows])
    return ours, bare


def compare(ground: Ground, bodies: list[str], hashed: list[str], kind: str) -> Row:
    """Let both servers run and load them in turn; the ratio is the median of the pairs."""
    ours, bare = free_port(), free_port()
    asked = {ours: bodies, bare: hashed}
    with (
        running(suite_server(ground, ours), ground, ours) as product,
        running([sys.executable, "-m", "benchmarks.validations", str(bare), kind], ground, bare) as view,
    ):
        servers = {ours: product, bare: view}
        for port, requests in asked.items():
            load(port, requests, seconds=1.0).must_be_good()
        pairs = []
        for number in range(ROUNDS):
            order = (ours, bare) if number % 2 else (bare, ours)
            rates = {port: _measured(port, asked[port], servers[port]) for port in order}
            pairs.append((rates[ours], rates[bare]))
    return _row(f"{ground.name}, bare view {'that signs' if kind == 'signing' else 'without a signature'}", pairs, kind)


def _row(what: str, pairs: list[tuple[tuple[Result, float], tuple[Result, float]]], kind: str) -> Row:
    if max(one.busy for pair in pairs for one, _ in pair) > 0.9:
        print("The load client was the bottleneck: these figures are too low.")
    (mine, cost), (other, floor) = ([[pair[side][part] for pair in pairs] for part in (0, 1)] for side in (0, 1))
    ratio = median(one.rate / bare.rate for one, bare in zip(mine, other, strict=True))
    fast, late = median(one.rate for one in mine), median(one.p99 for one in mine)
    signs = kind == "signing"
    return Row(
        what,
        f"{fast:.0f}/s, p99 {late:.0f} ms, {median(cost):.0f} us of the processor",
        f"{median(one.rate for one in other):.0f}/s, {median(floor):.0f} us",
        ratio,
        f"{AIM:.2f}" if signs else "",
        ratio >= AIM if signs else None,
    )


def _measured(port: int, requests: list[str], server: "subprocess.Popen[bytes]") -> tuple[Result, float]:
    """Load a server; give what came back, and the microseconds of the processor it took for each answer."""
    before = _computed(server.pid)
    found = load(port, requests, seconds=SECONDS).must_be_good()
    return found, (_computed(server.pid) - before) / (found.rate * found.seconds) * 1e6


def _computed(pid: int) -> float:
    """Give the seconds of the processor that a server took so far (Linux); nothing where that cannot be read."""
    if not Path(f"/proc/{pid}/stat").exists():
        return 0.0
    stats = (Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split() for one in family(pid))
    return sum(int(fields[11]) + int(fields[12]) for fields in stats) / os.sysconf("SC_CLK_TCK")


# --- the bare server

FOUND = (
    select(
        License.id,
        License.product,
        License.policy,
        License.seats,
        License.expires_at,
        License.voided_at,
        Activation.id.label("activation_id"),
        Activation.seat,
    )
    .join_from(
        License,
        Activation,
        (Activation.license_id == License.id)
        & (Activation.device_hash == bindparam("device"))
        & Activation.released_at.is_(None),
        isouter=True,
    )
    .where(License.code_hash == bindparam("code"))
)


def make(url: str, *, signing: bool) -> Flask:
    """Make the application: nothing of the product but its tables is in it."""
    engine = create_engine(
        url.replace("postgresql://", "postgresql+psycopg://"), pool_size=20, isolation_level="AUTOCOMMIT"
    )
    key, secret = Ed25519PrivateKey.generate(), b"secret" * 6
    bare = Flask("bare")

    @bare.post(PATH)
    def validate() -> Response:
        asked = request.get_json()
        for name in ("license", "device"):
            hmac.new(secret, asked[name].encode(), hashlib.sha256).hexdigest()
        with engine.connect() as connection:
            row = connection.execute(FOUND, {"code": asked["license"], "device": asked["device"]}).first()
        good = row is not None and row.activation_id is not None and row.product == asked["product"]
        file = _file(row, key) if signing and row is not None else None
        return jsonify(valid=good, code="valid" if good else "unknown", license_file=file)

    @bare.get("/healthz")
    def healthz() -> Response:
        return jsonify(status="ok")

    return bare


def _file(row: "DatabaseRow[tuple[object, ...]]", key: Ed25519PrivateKey) -> str:
    payload = json.dumps({name: str(value) for name, value in row._mapping.items()})
    signature = base64.b64encode(key.sign(payload.encode())).decode()
    return base64.b64encode(json.dumps({"payload": payload, "sig": signature}).encode()).decode()


if __name__ == "__main__":
    app = make(settings().database_url, signing=sys.argv[2] == "signing")
    Server(app, options("127.0.0.1", int(sys.argv[1]), 1, 16)).run()  # type: ignore[arg-type]
