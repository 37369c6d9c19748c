"""Every page passes the rules of axe in a real browser: on a desk, in the dark and on a phone."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Error, sync_playwright

from tests.clients.test_typescript import await_answer, free_port

ROOT = Path(__file__).parent.parent.parent
# The API reference at /docs is another project's page.
PAGES = (
    "/",
    "/privacy?language=en",
    "/privacy?language=de",
    "/privacy?language=ru",
    "/confirm",
    "/recover",
    "/undo",
    "/staff/invitation",
    "/dev/inbox",
)
LOOKS = {"light": {}, "dark": {"color_scheme": "dark"}, "phone": {"viewport": {"width": 390, "height": 844}}}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give a Chromium of this machine."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("ACCESSIBILITY OF THE PAGES WAS NOT TESTED: install Chromium, for example apt install chromium.")
    with sync_playwright() as play:
        try:
            started = play.chromium.launch(executable_path=path, args=["--no-sandbox"])
        except Error as problem:
            pytest.skip(f"ACCESSIBILITY OF THE PAGES WAS NOT TESTED: Chromium does not start, {problem.message[:80]}")
        yield started
        started.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a server that really runs."""
    folder, port = tmp_path_factory.mktemp("served"), free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SUITE_")}
    environment |= {"SUITE_DATA_FOLDER": str(folder), "SUITE_LOG_LEVEL": "warning"}
    command = [sys.executable, "-m", "suite.cli", "serve", "--migrate", "--quiet", "--port", str(port)]
    with (folder / "log").open("w") as log, subprocess.Popen(command, env=environment, cwd=ROOT, stderr=log) as running:
        try:
            await_answer(f"http://127.0.0.1:{port}/healthz", running)
            yield f"http://127.0.0.1:{port}"
        finally:
            running.terminate()
            running.wait(30)


@pytest.mark.parametrize("look", LOOKS)
def test_every_page_passes_the_rules_of_axe(browser: Browser, server: str, look: str) -> None:
    found = {}
    with browser.new_context(**LOOKS[look], bypass_csp=True) as context:
        page = context.new_page()
        for path in PAGES:
            page.goto(server + path)
            page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
            violations = Axe().run(page).response["violations"]
            found[path] = [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in violations]

    assert {path: faults for path, faults in found.items() if faults} == {}


def test_no_page_is_wider_than_a_phone(browser: Browser, server: str) -> None:
    with browser.new_context(**LOOKS["phone"]) as context:
        page = context.new_page()
        for path in PAGES:
            page.goto(server + path)
            assert page.evaluate("document.documentElement.scrollWidth") <= 390, path


def test_a_printed_notice_shows_what_is_folded_on_the_screen(browser: Browser, server: str) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{server}/privacy?language=en")
        folded = page.get_by_text("traffic statistics that are not correlated").first
        on_screen = folded.is_visible()
        page.emulate_media(media="print")

        assert (on_screen, folded.is_visible()) == (False, True)
