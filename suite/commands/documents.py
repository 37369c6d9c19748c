"""`suite openapi` and `suite configuration`: documents printed from the code."""

import click
import orjson


@click.command()
def openapi() -> None:
    """Print the API description as JSON."""
    click.echo(openapi_document(), nl=False)


def openapi_document() -> str:
    """Give the API description as it is committed in openapi.json: the same on every machine."""
    from suite.app import create_app
    from suite.settings import load, new_key

    example = {
        "SUITE_LOG_LEVEL": "error",
        "SUITE_PUBLIC_URL": "https://accounts.example.com",
        "SUITE_MAIL": "smtp",
        "SUITE_SMS": "off",
        "SUITE_DATABASE_URL": "postgresql://nobody@localhost/never_opened",
        "SUITE_SECRET_KEYS": new_key(),
    }
    app = create_app(load(example), check_schema=False)
    document = app.extensions["api"].spec.to_dict()
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode() + "\n"


@click.command()
def configuration() -> None:
    """Print the reference of all settings as Markdown."""
    click.echo(configuration_document(), nl=False)


def configuration_document() -> str:
    """Give docs/configuration.md."""
    from suite.settings import describe

    lines = [
        "# Configuration",
        "",
        "Every setting is an environment variable. Each can also be read from a file: set the name with `_FILE`",
        "at its end to a path, for example `SUITE_SMTP_PASSWORD_FILE=/run/secrets/smtp`. All mistakes are reported",
        "together at the start; `suite doctor` checks more. This page is printed by `suite configuration`.",
        "",
        "| variable | default | what it is |",
        "|---|---|---|",
    ]
    for name, default, choices, says in describe():
        text = says + (f" One of: {choices}." if choices else "")
        lines.append(f"| `{name}` | {f'`{default}`' if default else ''} | {text} |")
    return "\n".join(lines) + "\n"
