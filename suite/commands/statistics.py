"""`suite statistics`: campaigns whose beacons count, and counting the days that are over."""

import click

from suite.commands.printing import instant, table


@click.group()
def statistics() -> None:
    """Manage campaigns, and count visits."""


@statistics.group()
def campaign() -> None:
    """Campaigns and mailings whose web beacons are counted."""


@campaign.command()
@click.argument("code")
@click.option("--service", default="web-forms", show_default=True, help="The service under which it is counted.")
def add(code: str, service: str) -> None:
    """Count the beacons of a campaign named CODE, such as spring-offer-2027."""
    from suite import app
    from suite.kernel import db
    from suite.statistics import campaigns

    running = app.start()
    app.check_database(running)
    with db.transaction():
        campaigns.add(code, service)
    click.echo(
        f"Pages and mails for people who said yes may hold {running.settings.public_url}/api/v1/beacons/{code}.gif"
    )


@campaign.command()
@click.argument("code")
def remove(code: str) -> None:
    """Count the beacons of a campaign no more; its figures stay."""
    from suite import app
    from suite.kernel import db
    from suite.statistics import campaigns

    app.check_database(app.start())
    with db.transaction():
        campaigns.remove(code)
    click.echo(f"Beacons of {code} are no longer counted.")


@campaign.command("list")
def list_campaigns() -> None:
    """List the campaigns."""
    from suite import app
    from suite.kernel import db
    from suite.statistics import campaigns

    app.check_database(app.start())
    with db.transaction(reading=True):
        rows = [(one.code, one.service, instant(one.since)) for one in campaigns.everything()]
    table(("code", "service", "since"), rows)
    click.echo(f"Campaigns: {len(rows)}.")


@statistics.command()
def count() -> None:
    """Count the days that are over now, instead of at the next half hour."""
    from suite import app
    from suite.kernel import db
    from suite.statistics import counting

    app.check_database(app.start())
    with db.transaction():
        gone = counting.count_days()
    click.echo(f"{gone} hourly counts became counts of days.")
