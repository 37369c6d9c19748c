"""The TypeScript client: generated from the committed description, strictly typed, and walked against a server."""

import contextlib
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
SOURCE = ROOT / "clients" / "typescript"
FILES = ("package.json", "package-lock.json", ".npmrc", "tsconfig.json", "client.ts", "tour.ts", "schema.d.ts")
PORTS = range(8280, 8300)


def not_tested(why: str) -> None:
    """Skip so that nobody overlooks it; `.ci/run` counts it as failure."""
    pytest.skip(f"TYPESCRIPT CLIENT WAS NOT TESTED: {why}")


@pytest.fixture(scope="module")
def packages() -> Path:
    """Give the installed packages of the lock file, kept between runs in the user's cache."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        not_tested("node and npm are needed; install Node.js 20 or newer.")
    key = hashlib.sha256((SOURCE / "package-lock.json").read_bytes()).hexdigest()[:16]
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "suite-clients"
    installed = caches / key
    if not installed.exists():
        caches.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f"{key}-", dir=caches))
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(SOURCE / name, fresh)
        done = run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=fresh)
        if done.returncode:
            shutil.rmtree(fresh)
            not_tested("its packages could not be installed; they are fetched once from the npm registry.")
        with contextlib.suppress(OSError):
            fresh.rename(installed)
    return installed / "node_modules"


@pytest.fixture(scope="module")
def client(packages: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with the client and its packages, laid out as in the repository."""
    folder = tmp_path_factory.mktemp("repository")
    shutil.copy(ROOT / "openapi.json", folder)
    work = folder / "clients" / "typescript"
    work.mkdir(parents=True)
    for name in FILES:
        shutil.copy(SOURCE / name, work)
    (work / "node_modules").symlink_to(packages)
    return work


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """Give the address of a server that really runs."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SUITE_")}
    environment |= {"SUITE_DATA_FOLDER": str(tmp_path), "SUITE_LOG_LEVEL": "warning"}
    command = [sys.executable, "-m", "suite.cli", "serve", "--migrate", "--quiet", "--port", str(port)]
    with (
        (tmp_path / "log").open("w") as log,
        subprocess.Popen(command, env=environment, cwd=ROOT, stderr=log) as running,
    ):
        try:
            await_answer(f"http://127.0.0.1:{port}/healthz", running)
            yield f"http://127.0.0.1:{port}"
        finally:
            running.send_signal(signal.SIGTERM)
            running.wait(30)


def run(*command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a program of Node's."""
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=300)


def free_port() -> int:
    """Find a port nobody listens on."""
    for port in PORTS:
        with contextlib.closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port
    raise RuntimeError("Every port of the range is taken.")


def await_answer(url: str, running: subprocess.Popen[bytes]) -> None:
    """Wait until the server answers."""
    until = time.monotonic() + 30
    while time.monotonic() < until and running.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=2):
            return
        time.sleep(0.05)
    raise RuntimeError("The server did not start.")


def test_the_committed_types_are_those_of_the_description(client: Path) -> None:
    (client / "schema.d.ts").unlink()

    done = run("npm", "run", "--silent", "generate", cwd=client)

    assert done.returncode == 0, done.stderr
    assert (client / "schema.d.ts").read_text() == (SOURCE / "schema.d.ts").read_text(), "Run `npm run generate`."


def test_the_client_compiles_strictly(client: Path) -> None:
    done = run("npm", "run", "--silent", "check", cwd=client)

    assert (done.returncode, done.stdout) == (0, "")


def test_a_wrong_field_and_an_unknown_code_do_not_compile(client: Path) -> None:
    (client / "tour.ts").write_text(
        'import { createClient, refusal } from "./client.js";\n'
        'const { api } = createClient({ baseUrl: "", client: "app" });\n'
        'const no = await refusal(api.POST("/api/v1/sessions", { body: { email: "a@example.org" } }));\n'
        'console.log(no.code === "no_such_code");\n'
    )

    done = run("npm", "run", "--silent", "check", cwd=client)
    shutil.copy(SOURCE / "tour.ts", client)

    assert "'password' is missing" in done.stdout
    assert "no overlap" in done.stdout


def test_the_client_walks_the_tour_against_a_running_server(client: Path, server: str) -> None:
    built = run("npm", "run", "--silent", "build", cwd=client)
    assert built.returncode == 0, built.stdout

    done = run("node", str(next(client.glob("built/tour.js"))), server, cwd=client)

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].startswith("closed; everything is deleted by ")


def test_the_lock_file_names_no_download_address() -> None:
    lock = (SOURCE / "package-lock.json").read_text()

    assert '"resolved"' not in lock
    assert lock.count('"integrity"') > 5
