"""`suite messages`: what was sent and what was not, without addresses and without contents."""

from typing import TYPE_CHECKING
from uuid import UUID

import click

from suite.commands.printing import age, instant, table

if TYPE_CHECKING:
    from suite.kernel.models import Job

_STATES = ("queued", "sending", "sent", "delivered", "undelivered", "expired", "failed", "unknown", "withheld")
_SHOWN = 50


@click.group()
def messages() -> None:
    """See what was sent, and send failed messages again. Addresses and contents are never shown."""


@messages.command("list")
@click.option("--state", type=click.Choice(_STATES), multiple=True, help="Only messages in this state; repeatable.")
@click.option("--letter", help="Only this kind of letter, such as confirm_address.")
@click.option("--limit", default=_SHOWN, show_default=True, type=click.IntRange(1, 10000), help="Most rows printed.")
def list_messages(state: tuple[str, ...], letter: str | None, limit: int) -> None:
    """List messages, newest first."""
    from sqlalchemy import select

    from suite import app
    from suite.kernel import clock, db
    from suite.messages import all_letters, all_texts
    from suite.messages.models import Message

    app.check_database(app.start())
    known = sorted([*(one.key for one in all_letters()), *(one.key for one in all_texts())])
    if letter is not None and letter not in known:
        raise click.BadParameter(f"{letter!r} is none of {', '.join(known)}.", param_hint="--letter")
    chosen = select(Message).order_by(Message.id.desc()).limit(limit)
    if state:
        chosen = chosen.where(Message.state.in_(state))
    if letter:
        chosen = chosen.where(Message.letter == letter)
    now = clock.now()
    with db.transaction(reading=True) as session:
        rows = [
            (one.id, one.state, one.letter, one.channel, one.tries, age(one.created_at, now), one.problem or "")
            for one in session.scalars(chosen)
        ]
    table(("id", "state", "letter", "channel", "tries", "age", "problem"), rows)
    click.echo(f"Messages: {len(rows)}" + (", the newest; --limit shows more." if len(rows) == limit else "."))


@messages.command()
@click.argument("message_id", metavar="ID", type=click.UUID)
def show(message_id: UUID) -> None:
    """Show one message and the jobs that wait for it."""
    from suite import app
    from suite.kernel import db
    from suite.messages.models import Message

    app.check_database(app.start())
    with db.transaction(reading=True) as session:
        message = session.get(Message, message_id)
        if message is None:
            raise click.ClickException(f"There is no message {message_id}; messages are kept for 30 days.")
        facts = {
            "id": message.id,
            "state": message.state,
            "letter": message.letter,
            "channel": message.channel,
            "language": message.language,
            "tries": message.tries,
            "problem": message.problem or "none",
            "written": instant(message.created_at),
            "expires": instant(message.expires_at),
            "sent": instant(message.sent_at),
            "provider id": message.provider_id or "none",
            "address": "kept, encrypted" if message.recipient else "erased",
            "content": "kept, encrypted" if message.content else "erased",
        }
        waiting = [job for job in _jobs() if job.args.get("message_id") == str(message_id)]
    for name, value in facts.items():
        click.echo(f"{name:<12} {value}")
    for job in waiting:
        click.echo(f"{'job':<12} {job.id} {_outlook(job)}")


@messages.command()
@click.argument("message_id", metavar="[ID]", type=click.UUID, required=False)
@click.option("--all", "everything", is_flag=True, help="Every message that failed or hangs.")
def retry(message_id: UUID | None, everything: bool) -> None:
    """Send a failed message again, or all of them.

    Those that expired or are not wanted any more stay unsent.
    """
    if (message_id is None) is not everything:
        raise click.UsageError("Name one message by its id, or say --all.")
    from suite import app
    from suite.kernel import audit, db
    from suite.messages import retry as again
    from suite.messages.models import Message

    app.check_database(app.start())
    with db.transaction() as session:
        count = again(message_id)
        audit.write("messages.retried", messages=count)
        state = None if count or message_id is None else session.get(Message, message_id)
    if message_id is not None and not count:
        raise click.ClickException(
            f"Message {message_id} is {state.state}; there is nothing to send again."
            if state
            else f"There is no message {message_id}; messages are kept for 30 days."
        )
    click.echo(f"Messages that wait for delivery again: {count}.")


@messages.command()
def jobs() -> None:
    """List jobs of every kind that wait or were given up."""
    from suite import app
    from suite.kernel import db

    app.check_database(app.start())
    with db.transaction(reading=True):
        found = _jobs()
    table(
        ("id", "job", "tries", "outlook", "problem"),
        [(job.id, job.name, job.attempts, _outlook(job), job.problem or "") for job in found],
    )
    dead = sum(job.dead_at is not None for job in found)
    click.echo(f"Jobs: {len(found) - dead} waiting, {dead} given up.")


def _jobs() -> "list[Job]":
    from sqlalchemy import select

    from suite.kernel import db
    from suite.kernel.models import Job

    return list(db.session.scalars(select(Job).order_by(Job.dead_at.is_not(None), Job.lane, Job.due_at)))


def _outlook(job: "Job") -> str:
    from suite.kernel import clock

    now = clock.now()
    if job.dead_at is not None:
        return f"given up {age(job.dead_at, now)} ago"
    if job.owner is not None and job.due_at > now:
        return "running"
    return "due" if job.due_at <= now else f"due in {age(now, job.due_at)}"
