"""The `suite` command. Each command loads only what it needs; a user's mistake is one sentence, no traceback."""

import gc
import importlib
import sys

import click

_COMMANDS = {
    "serve": ("suite.commands.serve:serve", "Run the server, with the worker in the same process."),
    "worker": ("suite.commands.serve:worker", "Run background jobs only, on a machine of its own."),
    "db": ("suite.commands.db:db", "Migrate and check the database."),
    "keys": ("suite.commands.keys:keys", "Make and rotate secret keys."),
    "messages": ("suite.commands.messages:messages", "See what was sent, and send failed messages again."),
    "webhooks": ("suite.commands.webhooks:webhooks", "See what connected systems were told, and tell them again."),
    "backup": ("suite.commands.backup:backup", "Make backups and bring them back."),
    "privacy": (
        "suite.commands.privacy:privacy",
        "Print the declarations, copy or delete what is held, check receipts of erasures.",
    ),
    "statistics": ("suite.commands.statistics:statistics", "Manage campaigns, and count visits."),
    "openapi": ("suite.commands.documents:openapi", "Print the API description."),
    "configuration": ("suite.commands.documents:configuration", "Print the reference of all settings."),
    "licenses": ("suite.commands.licenses:licenses", "Issue licences, and print the products they are for."),
    "staff": ("suite.commands.staff:staff", "Create, invite and list staff members."),
    "demo": ("suite.commands.demo:demo", "Fill the database with the data of a living system."),
    "doctor": ("suite.commands.doctor:doctor", "Check this installation and say what is wrong."),
}


class _Commands(click.Group):
    """Knows the commands by name and loads one when it is called."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        module, _, attribute = _COMMANDS[name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Print the list without loading the commands."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, says) for name, (_, says) in _COMMANDS.items()])


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="suite", message="%(version)s")
def suite() -> None:
    """Accounts and services with privacy declarations that are executed.

    Settings come from SUITE_* variables; docs/configuration.md lists them.
    """


def main(args: list[str] | None = None) -> None:
    """Run the command; exit 1 and a sentence for a mistake that a person can mend."""
    gc.set_threshold(10_000)  # with 700, a tenth of every start goes into looking through what was just loaded
    try:
        code = suite.main(args, prog_name="suite", standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as problem:
        problem.show()
        sys.exit(problem.exit_code)
    except Exception as problem:
        sentence = _sentence(problem)
        if sentence is None:
            raise
        click.echo(f"suite: {sentence}", err=True)
        sys.exit(1)
    sys.exit(code if isinstance(code, int) else 0)


_MENDABLE = frozenset(
    {
        "SettingsError",
        "NotDeclared",
        "WrongSchema",
        "CannotListen",
        "CannotOpen",
        "RouteWithoutRule",
        "BackupProblem",
        "BackupTooOld",
        "BrokenBackup",
        "NoBackupKey",
        "RestoreNotFinished",
        "VendorFileUnusable",
        "ProductsFileUnusable",
        "CommandError",
    }
)


def _sentence(problem: Exception) -> str | None:
    """Say what is wrong when a person can mend it without reading the program; None for an error of ours."""
    from marshmallow import ValidationError
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError

    from suite.kernel.errors import Refusal

    if isinstance(problem, Refusal):
        return problem.title
    if isinstance(problem, ValidationError):
        return " ".join(str(message) for message in problem.messages)
    if isinstance(problem, OperationalError):
        first = str(problem.orig).strip().partition("\n")[0]
        return f"The database cannot be used: {first}. See `suite doctor`."
    if isinstance(problem, (ArgumentError, NoSuchModuleError)):
        return "SUITE_DATABASE_URL is no usable address of a database."
    if isinstance(problem, OSError) and problem.filename is not None:
        return f"{problem.strerror}: {problem.filename}"
    return str(problem) if type(problem).__name__ in _MENDABLE else None


if __name__ == "__main__":
    main()
