"""Records: what a table is for, whose data it holds and when a row goes."""

from dataclasses import dataclass

from suite.declarations.periods import Event, Period


@dataclass(frozen=True)
class Keep:
    """Rows are deleted when `period` has passed since `after`."""

    after: Event
    period: Period


@dataclass(frozen=True)
class ByService:
    """Rows are deleted when the period of the service they belong to has passed since `after`.

    A table with a `service` column follows that service; any other names in `through` the column, as
    `table.column`, that lists the services of its person, and follows the shortest period among them. `left`
    names the column of that table that says when a service was left: one left before the event does not count.
    """

    after: Event
    through: str = ""
    left: str = ""


@dataclass(frozen=True)
class WithService:
    """Rows are deleted when the service they belong to is over for their person, though nobody left it.

    That is when nobody `used` it for its `inactivity`, or when the last of its announced `clocks` is over.
    `through` and `left` are those of `ByService`: such rows go when that holds for every service not left yet.
    """

    used: Event
    through: str = ""
    left: str = ""


@dataclass(frozen=True)
class WithParent:
    """Rows go with the row that the foreign key `column` points to (ON DELETE CASCADE)."""

    column: str


@dataclass(frozen=True)
class LeftOver:
    """Rows that nothing hangs on any more are deleted when `period` has passed since they were made.

    Asked once a day: only the number of a row says when it was made.
    """

    period: Period


@dataclass(frozen=True)
class Unlimited:
    """Rows stay, because they are about nobody; `why` says what they are for."""

    why: str


Retention = Keep | ByService | WithService | WithParent | LeftOver | Unlimited


@dataclass(frozen=True)
class Record:
    """The declaration a table carries as `__privacy__`.

    `subject` names the column that leads to the person (`None`: the table is about nobody), `purposes`
    the keys of the purposes the rows serve, `ends_person` whether the person goes with the row, and
    `statistics` that the table must never lead to a person.
    """

    says: str
    keep: Retention | tuple[Retention, ...]
    subject: str | None = None
    purposes: tuple[str, ...] = ()
    ends_person: bool = False
    statistics: bool = False

    @property
    def rules(self) -> tuple[Retention, ...]:
        """Give the rules; a row goes as soon as one of them says so."""
        return self.keep if isinstance(self.keep, tuple) else (self.keep,)
