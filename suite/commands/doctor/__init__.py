"""`suite doctor`: checks this installation and says in sentences what is wrong and what to do."""

from collections.abc import Iterable, Iterator

import click
import orjson

from suite.commands.doctor.findings import Finding, Verdict

_COLOURS = {Verdict.OK: "green", Verdict.WARN: "yellow", Verdict.FAIL: "red"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def doctor(as_json: bool) -> int:
    """Check this installation and say what is wrong. Exit code 1 when something must be mended.

    Nothing is changed, no message leaves, and no secret is printed.
    """
    found = []
    for finding in examine():
        found.append(finding)
        if not as_json:
            click.echo(f"{click.style(f'{finding.verdict:<4}', _COLOURS[finding.verdict])} {finding.line}")
    failed = sum(one.verdict is Verdict.FAIL for one in found)
    warned = sum(one.verdict is Verdict.WARN for one in found)
    if as_json:
        click.echo(orjson.dumps(_document(found), option=orjson.OPT_INDENT_2))
    else:
        click.echo(f"\nChecks: {len(found)}, to mend: {failed}, to look at: {warned}.")
    return 1 if failed else 0


def examine() -> Iterator[Finding]:
    """Run every check that can be run: what another one needs and does not have is left out."""
    from suite.commands.doctor import backups, database, installation, outside, running
    from suite.kernel import system

    chosen = yield from installation.settings()
    if chosen is None:
        return
    yield from installation.folder(chosen.data_folder)
    if not (yield from installation.declarations(chosen)):
        return
    try:
        reached = yield from database.reach()
        if reached:
            yield from database.schema()
            yield from database.durability()
            yield from database.clock_sane()
        yield from installation.vendor()
        yield from outside.files()
        yield from outside.mail()
        yield from outside.text_messages()
        yield from outside.redis()
        yield from backups.ready()
        yield from backups.newest()
        yield from running.hashing()
        if reached and database.newest_schema():
            yield from installation.products()
            yield from running.keys()
            yield from running.worker()
            yield from running.given_up()
            yield from running.deletions()
            yield from running.privacy_requests()
    finally:
        system.current().database.close()


def _document(found: Iterable[Finding]) -> dict[str, object]:
    checks = [{"check": one.check, "verdict": str(one.verdict), "says": one.says} for one in found]
    return {"ok": all(one["verdict"] != Verdict.FAIL for one in checks), "checks": checks}
