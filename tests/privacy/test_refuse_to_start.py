"""The program does not start on anything undeclared; each refusal names the place and says what to write."""

import dataclasses
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Response
from sqlalchemy import Column, ForeignKey, Index, MetaData, String, Table, Uuid, text

from suite import app as application
from suite.declarations import (
    Basis,
    ByService,
    Consent,
    Cookie,
    CookieCategory,
    Declaration,
    Event,
    Field,
    Keep,
    Period,
    Purpose,
    Recipient,
    Record,
    Service,
    Store,
    WithParent,
)
from suite.declarations import Kind as KindOf
from suite.declarations.events import LICENSE_EXPIRED
from suite.declarations.kinds import UtcDateTime, kind_named
from suite.declarations.records import Unlimited
from suite.declarations.services import Ask
from suite.kernel import system
from suite.kernel.access import public
from suite.kernel.http import App
from suite.privacy import NotDeclared, Register, check, declare, declared, word_checks
from suite.services import SERVICES
from tests.conftest import settings_for

written = Event("note_written", "the note was written")
DAY = Period(days=1)
PURPOSE = Purpose("notes", "keep your notes", "essential.service", Basis.CONTRACT)


def column(name: str, kind: str, type_: Any = None, *keys: Any, **options: Any) -> Column[Any]:
    return Column(name, type_ or String(80), *keys, info={"kind": kind_named(kind)}, **options)


def number(**options: Any) -> Column[Any]:
    return column("id", "row_id", Uuid(), primary_key=True, **options)


def person_id(**options: Any) -> Column[Any]:
    key = ForeignKey("people.id", ondelete=options.pop("ondelete", "CASCADE"))
    return column("person_id", "person_id", Uuid(), key, **{"nullable": False, **options})


def at() -> Column[Any]:
    return column("at", "moment", UtcDateTime())


def record(**options: Any) -> Record:
    given = {"keep": Keep(written, DAY), "subject": "person_id", "purposes": ("notes",)} | options
    return Record("your notes", **given)


def table(*columns: Any, privacy: Record | None = None, name: str = "notes", people: bool = True) -> MetaData:
    """Make a schema with people and one table, declared or not."""
    metadata = MetaData()
    if people:
        person = Record("a person", keep=Unlimited("goes with the rest"), subject="id", purposes=("notes",))
        Table("people", metadata, column("id", "person_id", Uuid(), primary_key=True), info={"privacy": person})
    Table(name, metadata, *columns, info={"privacy": privacy} if privacy else {})
    return metadata


def sentences(
    metadata: MetaData | None = None,
    *others: Declaration,
    announces: dict[Event, str] | None = None,
    services: tuple[Service, ...] = (),
    letters: tuple[str, ...] = (),
    cookies: tuple[str, ...] = (),
) -> list[str]:
    """Give what the start checks say about a small program with one planted fault."""
    metadata = metadata or table(number(), person_id(), at(), privacy=record())
    own = Declaration("notes", purposes=(PURPOSE,), announces={written: "notes.at"} if announces is None else announces)
    vendor = {"countries": {code: {"eea": code == "DE"} for code in ("DE", "GB", "SG")}}
    register = Register((own, *others), {one.key: one for one in services}, vendor=vendor, metadata=metadata)
    try:
        check(register, letters=letters, cookies=cookies)
    except NotDeclared as refusal:
        return list(refusal.sentences)
    return []


def says(found: list[str], *words: str) -> bool:
    """Whether exactly one sentence is said, with all these words in it."""
    assert len(found) == 1, found
    missing = [word for word in words if word not in found[0]]
    assert not missing, (missing, found[0])
    return True


def test_a_small_program_that_declares_everything_may_start() -> None:
    assert sentences() == []


# --- 1 and 10: kinds and categories


@pytest.mark.policy("DEC-2")
def test_a_column_without_a_kind_is_named_with_an_example_of_what_to_write() -> None:
    planted = table(number(), person_id(), at(), Column("nickname", String(20)), privacy=record())

    assert says(sentences(planted), "notes.nickname has no kind", "suite.declarations.kinds", "Mapped[Email]")


@pytest.mark.parametrize("category", ["user.shoe_size.left", "customer.email", "user.contact.email.work.home"])
def test_a_category_that_nobody_knows_is_refused(category: str) -> None:
    strange = Column("size", String(4), info={"kind": KindOf("size", category, "shoe size")})
    planted = table(number(), person_id(), at(), strange, privacy=record())

    assert says(sentences(planted), "notes.size", category, "neither a fideslang key nor a direct child")


def test_a_child_of_a_known_category_is_accepted() -> None:
    own = Column("size", String(4), info={"kind": KindOf("size", "user.content.shoe_size", "shoe size")})

    assert sentences(table(number(), person_id(), at(), own, privacy=record())) == []


# --- 6: special categories

SPECIAL = [
    "user.health_and_medical",
    "user.health_and_medical.genetic",
    "user.biometric.fingerprint",
    "user.authorization.biometric",
    "user.demographic.race_ethnicity",
    "user.demographic.religious_belief",
    "user.demographic.political_opinion",
    "user.demographic.sexual_orientation",
    "user.content.philosophical_belief",
    "user.behavior.sex_life",
    "user.workplace.trade_union",
]


@pytest.mark.policy("GEN-13")
@pytest.mark.parametrize("category", SPECIAL)
def test_a_special_category_in_a_column_is_refused(category: str) -> None:
    special = Column("belief", String(40), info={"kind": KindOf("belief", category, "what you believe")})
    planted = table(number(), person_id(), at(), special, privacy=record())

    assert says(sentences(planted), "notes.belief", "special category", category, "remove it")


@pytest.mark.policy("GEN-13")
def test_a_special_category_that_a_service_asks_for_is_refused() -> None:
    union = Field("union", KindOf("union", "user.workplace.trade_union", "trade union"))
    planted = dataclasses.replace(SERVICES["motorsport"], asks=(Ask(union, required=False, purpose="notes"),))
    planted = dataclasses.replace(planted, purposes=(PURPOSE,), offers=(), forms=())

    assert says(sentences(services=(planted,)), "'motorsport'", "trade union", "special category")


def test_a_special_category_handed_to_a_recipient_is_refused() -> None:
    clinic = Recipient("clinic", "a clinic", "health", ("user.health_and_medical",), (PURPOSE,), "DE", "contract")

    assert says(sentences(None, Declaration("notes2", recipients=(clinic,))), "'clinic'", "special category")


# --- 2: tables


@pytest.mark.policy("DEC-2")
def test_a_table_without_a_declaration_is_named() -> None:
    found = sentences(table(number(), at()), announces={})

    assert says(found, "notes has no declaration", "__privacy__ = Record(says=..., keep=..., subject=...)")


@pytest.mark.policy("DEC-2")
def test_a_table_that_only_the_database_knows_stops_the_start(app: App) -> None:
    running = system.current()
    with running.database.engine.begin() as connection:
        connection.execute(text("CREATE TABLE forgotten_people (email varchar(80))"))
    try:
        with pytest.raises(NotDeclared) as refused:
            application.check_database(running)
    finally:
        with running.database.engine.begin() as connection:
            connection.execute(text("DROP TABLE forgotten_people"))

    assert says(list(refused.value.sentences), "'forgotten_people'", "__privacy__", "drop it in a migration")


# --- 3: the way to a person


def test_a_personal_table_that_leads_to_nobody_is_named_with_its_personal_columns() -> None:
    planted = table(number(), at(), column("address", "email"), privacy=record(subject=None))

    assert says(sentences(planted), "notes", "address", "no path to a person", "people.id")


@pytest.mark.parametrize("key", ["notes.id", "notes2.id"])
def test_a_path_that_runs_in_a_circle_leads_to_nobody(key: str) -> None:
    parent = column("parent_id", "row_id", Uuid(), ForeignKey(key, ondelete="CASCADE", use_alter=True), nullable=False)
    metadata = table(number(), parent, at(), column("address", "email"), privacy=record(subject="parent_id"))
    if key == "notes2.id":
        back = column("parent_id", "row_id", Uuid(), ForeignKey("notes.id", ondelete="CASCADE"), nullable=False)
        other = record(subject="parent_id", keep=WithParent("parent_id"))
        Table("notes2", metadata, number(), back, info={"privacy": other})

    assert says(sentences(metadata), "notes holds personal data", "no path to a person")


@pytest.mark.parametrize("rule", [None, "SET NULL"])
def test_a_row_that_would_stay_when_its_person_goes_is_refused(rule: str | None) -> None:
    planted = table(number(), person_id(ondelete=rule), at(), privacy=record())

    assert says(sentences(planted), "notes.person_id", "ondelete='CASCADE'")


def test_rows_of_nobody_that_no_clock_lets_go_are_refused() -> None:
    planted = table(number(), person_id(nullable=True), privacy=record(keep=WithParent("person_id")))

    assert says(sentences(planted, announces={}), "notes.person_id", "stay for ever", "NOT NULL", "Keep")


def test_personal_data_for_no_purpose_are_refused() -> None:
    planted = table(number(), person_id(), at(), privacy=record(purposes=()))

    assert says(sentences(planted), "notes", "for no purpose", "purposes=")


# --- 4 and 5: clocks and retention


@pytest.mark.policy("DEC-2")
def test_a_clock_that_nothing_starts_is_named_with_its_event() -> None:
    assert says(sentences(announces={}), "notes", "'note_written'", "no module announces", "announces=")


@pytest.mark.policy("DEC-2")
@pytest.mark.parametrize("place", ["notes.written_at", "letters.at", "nonsense", ""])
def test_a_clock_announced_by_a_column_that_is_not_there_counts_as_unannounced(place: str) -> None:
    assert says(sentences(announces={written: place}), "'note_written'", "no module announces")


def test_a_clock_in_a_column_that_holds_no_time_is_refused() -> None:
    assert says(sentences(announces={written: "notes.id"}), "'note_written'", "notes.id", "holds no time", "Moment")


def test_a_clock_in_a_table_about_other_people_is_refused() -> None:
    metadata = table(number(), person_id(), privacy=record())
    events = Record("when things happened", keep=Keep(written, DAY))
    Table("events", metadata, number(), at(), info={"privacy": events})

    assert says(sentences(metadata, announces={written: "events.at"}), "notes", "events", "same person", "subject=")


@pytest.mark.policy("DEC-2")
@pytest.mark.parametrize("lacking", ["service", "person_id", "at"])
def test_a_clock_of_a_service_that_does_not_say_when_whose_or_which_is_refused(lacking: str) -> None:
    columns = {"id": number(), "person_id": person_id(), "service": column("service", "label"), "at": at()}
    subject = None if lacking == "person_id" else "person_id"
    kept = record(keep=WithParent("person_id") if subject else Unlimited("about nobody"), subject=subject)
    planted = table(*(one for name, one in columns.items() if name != lacking), privacy=kept)
    office = dataclasses.replace(SERVICES["office-365"], asks=(), offers=(), forms=(), purposes=())
    place = "notes.at" if lacking != "at" else "notes.id"

    found = sentences(planted, announces={LICENSE_EXPIRED: place}, services=(office,))
    found = [sentence for sentence in found if sentence.startswith("A service ends")]

    assert says(found, "'license_expired'", place, "Moment", "service column", "subject=")


def test_a_table_without_retention_is_named() -> None:
    planted = table(number(), person_id(), at(), privacy=record(keep=()))

    assert says(sentences(planted), "notes has no retention", "Keep, ByService, WithParent or Unlimited")


def test_personal_data_are_never_kept_for_ever() -> None:
    planted = table(number(), person_id(), at(), privacy=record(keep=Unlimited("we like it")))

    assert says(sentences(planted), "notes", "kept for ever", "give it a Keep")


def test_a_table_that_follows_its_service_needs_to_know_which() -> None:
    planted = table(number(), person_id(), at(), privacy=record(keep=ByService(written)))

    assert says(sentences(planted), "notes follows its service", "no service column", "through='table.column'")


def test_a_list_of_services_that_is_not_there_is_refused() -> None:
    planted = table(number(), person_id(), at(), privacy=record(keep=ByService(written, through="members.service")))

    assert says(sentences(planted), "notes", "'members.service'", "no column")


@pytest.mark.parametrize("column_", ["nowhere", "service"])
def test_a_list_of_services_needs_a_time_to_say_when_each_was_left(column_: str) -> None:
    rule = ByService(written, through="members.service", left=column_)
    metadata = table(number(), person_id(), at(), privacy=record(keep=rule))
    kept = record(keep=Keep(written, DAY))
    Table("members", metadata, number(), person_id(), column("service", "membership"), info={"privacy": kept})

    assert says(sentences(metadata), "notes", repr(column_), "holds no time", "Moment")


def test_when_a_service_was_left_is_compared_with_an_event_of_the_same_row() -> None:
    rule = ByService(written, through="members.service", left="at")
    metadata = table(number(), person_id(), privacy=record(keep=rule))
    kept = record(keep=Keep(written, DAY))
    Table("members", metadata, number(), person_id(), at(), column("service", "membership"), info={"privacy": kept})

    assert says(sentences(metadata, announces={written: "members.at"}), "notes", "'at'", "another table")


@pytest.mark.parametrize(
    ("grace", "keep"),
    [
        (Period(days=28), Period(months=1)),
        (Period(days=59), Period(months=2)),
        (Period(months=1), Period(days=28)),
        (Period(hours=24), Period(days=1)),
        (Period(days=1), Period()),
    ],
)
def test_a_grace_that_outlives_the_data_is_refused(grace: Period, keep: Period) -> None:
    planted = dataclasses.replace(SERVICES["business-hub"], grace=grace, keep=keep)

    found = [sentence for sentence in sentences(services=(planted,)) if "grace" in sentence]

    assert says(found, "'business-hub'", str(grace), str(keep), "grace=")


@pytest.mark.parametrize(
    ("grace", "keep"), [(Period(days=27), Period(months=1)), (Period(hours=23), Period(days=1)), (Period(), Period())]
)
def test_a_grace_that_ends_before_the_data_go_may_start(grace: Period, keep: Period) -> None:
    planted = dataclasses.replace(SERVICES["business-hub"], grace=grace, keep=keep)

    assert [sentence for sentence in sentences(services=(planted,)) if "grace" in sentence] == []


@pytest.mark.parametrize("months", range(1, 25))
def test_no_month_begins_in_a_shorter_one_than_february(months: int) -> None:
    period, days = Period(months=months), [datetime(2027, 1, 1, tzinfo=UTC) + timedelta(days=day) for day in range(365)]
    shortest = min(period.after(day) - day for day in days)

    assert period.after(word_checks._SHORTEST) - word_checks._SHORTEST == shortest


@pytest.mark.parametrize("parent", ["person_id", "nowhere", "id"])
def test_a_row_that_goes_with_its_parent_needs_a_key_that_cascades(parent: str) -> None:
    planted = table(
        number(), person_id(ondelete=None), at(), privacy=record(keep=(WithParent(parent), Keep(written, DAY)))
    )

    found = [sentence for sentence in sentences(planted) if "parent" in sentence]

    assert says(found, "notes goes with its parent", repr(parent), "ondelete='CASCADE'")


# --- 7: statistics


def statistics(*columns: Any, **options: Any) -> MetaData:
    declared_ = Record("counts", keep=Keep(written, DAY), statistics=True, **options)
    return table(number(), at(), column("hits", "counter"), *columns, privacy=declared_)


def test_statistics_that_only_count_may_start() -> None:
    assert sentences(statistics(column("page", "label"))) == []


@pytest.mark.policy("DEC-2")
def test_statistics_that_lead_to_a_person_are_refused() -> None:
    key = column("who", "row_id", Uuid(), ForeignKey("people.id", ondelete="CASCADE"))

    assert says(sentences(statistics(key)), "notes is a statistics table and leads to a person", "foreign keys")


@pytest.mark.policy("DEC-2")
def test_a_person_whose_row_leads_into_the_statistics_is_refused() -> None:
    metadata = statistics()
    key = column("count_id", "row_id", Uuid(), ForeignKey("notes.id"))
    Table("visits", metadata, number(), person_id(), key, info={"privacy": record(keep=WithParent("person_id"))})

    assert says(sentences(metadata), "visits leads into the statistics table notes", "remove the foreign key")


@pytest.mark.parametrize("unique", [{"unique": True}, {"unique": True, "index": True}])
def test_a_unique_column_in_statistics_is_refused(unique: dict[str, bool]) -> None:
    assert says(sentences(statistics(column("page", "label", **unique))), "notes", "unique column")


def test_a_unique_index_over_statistics_is_refused() -> None:
    planted = statistics(column("page", "label"), Index("one_page", "page", unique=True))

    assert says(sentences(planted), "notes", "unique column")


@pytest.mark.parametrize("kind", ["email", "ip_address", "pseudonym", "facts", "digest", "inbox_text"])
def test_statistics_hold_nothing_that_could_be_joined_to_a_person(kind: str) -> None:
    assert says(sentences(statistics(column("extra", kind))), "notes.extra", "Label, Counter or Moment")


# --- 8: purposes


def purpose(**options: Any) -> Declaration:
    return Declaration("planted", purposes=(dataclasses.replace(PURPOSE, key="planted", **options),))


@pytest.mark.policy("DEC-2", "GEN-29")
def test_a_purpose_without_a_legal_basis_stops_the_start() -> None:
    assert says(sentences(None, purpose(basis=None)), "'planted'", "no legal basis", "Basis")


@pytest.mark.policy("GEN-29")
def test_a_purpose_with_two_legal_bases_stops_the_start() -> None:
    other = dataclasses.replace(PURPOSE, basis=Basis.LEGAL_OBLIGATION)

    assert says(
        sentences(None, Declaration("planted", purposes=(other,))), "'notes'", "declared twice", "one legal basis"
    )


@pytest.mark.policy("GEN-30")
def test_a_legitimate_interest_without_its_balancing_statement_stops_the_start() -> None:
    found = sentences(None, purpose(basis=Basis.LEGITIMATE_INTEREST))

    assert says(found, "'planted'", "legitimate interest", "balance=")


@pytest.mark.parametrize("text_", [None, ""])
def test_a_consent_purpose_without_a_text_stops_the_start(text_: str | None) -> None:
    planted = purpose(basis=Basis.CONSENT)
    if text_ is not None:
        planted = dataclasses.replace(planted, consents=(Consent(planted.purposes[0], text_),))

    assert says(sentences(None, planted), "'planted'", "no text to consent to", "consents=")


def test_a_data_use_that_nobody_knows_stops_the_start() -> None:
    assert says(sentences(None, purpose(use="sell.everything")), "'planted'", "sell.everything", "fideslang")


def test_a_table_that_serves_an_undeclared_purpose_is_named() -> None:
    planted = table(number(), person_id(), at(), privacy=record(purposes=("curiosity",)))

    assert says(sentences(planted), "notes serves the purpose 'curiosity'", "no module declares")


def test_a_service_that_serves_an_undeclared_purpose_is_named() -> None:
    planted = dataclasses.replace(SERVICES["report-parser"], asks=(), offers=(), forms=())
    planted = dataclasses.replace(planted, purposes=(dataclasses.replace(PURPOSE, key="curiosity"),))

    assert says(sentences(services=(planted,)), "'report-parser'", "'curiosity'", "no module declares")


# --- 9: cookies, recipients, messages, files


@pytest.mark.policy("DEC-2", "COO-9")
def test_a_cookie_that_is_set_but_undeclared_stops_the_start() -> None:
    assert says(sentences(cookies=("tracker",)), "'tracker'", "undeclared", "eight categories", "cookies=")


@pytest.mark.policy("COO-9")
def test_a_cookie_in_two_categories_stops_the_start() -> None:
    cookies = tuple(Cookie("one", category, "two things", DAY) for category in list(CookieCategory)[:2])

    assert says(sentences(None, Declaration("planted", cookies=cookies)), "'one'", "two categories", "one of the eight")


def test_a_message_that_is_sent_but_undeclared_stops_the_start() -> None:
    assert says(sentences(letters=("chain_letter",)), "'chain_letter'", "undeclared", "letters=")


@pytest.mark.parametrize(
    "lacks", [{"country": ""}, {"safeguard": ""}, {"receives": ()}, {"purposes": ()}, {"rules": ""}]
)
def test_a_recipient_declared_by_halves_stops_the_start(lacks: dict[str, Any]) -> None:
    half = Recipient("shop", "a shop", "store", ("user.contact.email",), (PURPOSE,), "DE", "contract")
    planted = Declaration("planted", recipients=(dataclasses.replace(half, **lacks),))

    assert says(sentences(None, planted), "'shop'", "country", "safeguard", "declare all five")


@pytest.mark.policy("LOC-2")
def test_a_recipient_in_a_country_nobody_was_told_of_stops_the_start() -> None:
    shop = Recipient("shop", "a shop", "store", ("user.contact.email",), (PURPOSE,), "BR", "contract")

    found = sentences(None, Declaration("planted", recipients=(shop,)))

    assert says(found, "'shop'", "BR", "none of the countries people were told of", "[countries]")


@pytest.mark.policy("LOC-5", "LOC-9", "REC-13")
@pytest.mark.parametrize("country", ["SG", "GB"])
def test_a_recipient_outside_the_eea_without_clauses_stops_the_start(country: str) -> None:
    shop = Recipient("shop", "a shop", "store", ("user.contact.email",), (PURPOSE,), country, "contract")
    bound = dataclasses.replace(shop, safeguard="contract with Standard Contractual Clauses")

    found = sentences(None, Declaration("planted", recipients=(shop,)))

    assert says(found, "'shop'", f"outside the EEA ({country})", "Standard Contractual Clauses")
    assert sentences(None, Declaration("planted", recipients=(bound,))) == []


@pytest.mark.policy("LOC-7")
def test_a_service_without_security_measures_stops_the_start() -> None:
    bare = dataclasses.replace(SERVICES["motorsport"], measures=())
    register = dataclasses.replace(declared(), services={"motorsport": bare})

    assert says(list(word_checks.measures(register)), "'motorsport'", "measures=", "terms.MEASURES")


def test_a_file_store_that_is_undeclared_stops_the_start() -> None:
    planted = table(number(), person_id(), at(), column("place", "file_key"), privacy=record())

    assert says(sentences(planted), "notes.place", "file store", "Store('notes', ...)")
    assert sentences(planted, Declaration("files", stores=(Store("notes", "files of notes", DAY),))) == []


# --- the real program


@pytest.fixture
def no_trace(app: App) -> Iterator[App]:
    """Give back system and declarations after a start that was meant to fail."""
    before, register = system.current(), declared()
    yield app
    system.use(before)
    declare(register)


def test_the_real_program_declares_everything(app: App) -> None:
    check(declared())
    application.check_database(system.current())


def with_fault(change: Callable[[Declaration], Declaration]) -> tuple[Any, ...]:
    first, *rest = application.MODULES
    return (dataclasses.replace(first, declaration=change(first.declaration)), *rest)


@pytest.mark.policy("DEC-2", "GEN-29")
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda one: dataclasses.replace(one, purposes=()), "which no module declares"),
        (lambda one: dataclasses.replace(one, announces={}), "an event that no module announces"),
        (
            lambda one: dataclasses.replace(one, purposes=(*one.purposes, dataclasses.replace(PURPOSE, basis=None))),
            "has no legal basis",
        ),
    ],
)
def test_the_real_program_does_not_start_with_a_fault(
    no_trace: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Any, words: str
) -> None:
    monkeypatch.setattr(application, "MODULES", with_fault(change))

    with pytest.raises(NotDeclared, match=words):
        application.create_app(settings_for(f"sqlite:///{tmp_path}/x.db", tmp_path), check_schema=False)


@pytest.mark.policy("DEC-2")
def test_the_real_program_does_not_start_without_its_cookie_and_letters_declared(
    no_trace: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = tuple(
        dataclasses.replace(one, declaration=dataclasses.replace(one.declaration, cookies=(), letters=()))
        for one in application.MODULES
    )
    monkeypatch.setattr(application, "MODULES", bare)

    with pytest.raises(NotDeclared) as refused:
        application.create_app(settings_for(f"sqlite:///{tmp_path}/x.db", tmp_path), check_schema=False)

    said = "\n".join(refused.value.sentences)
    assert "The cookie 'suite_session' is set but undeclared" in said
    assert "The message 'confirm_address' is sent but undeclared" in said


@pytest.mark.policy("COO-9")
@pytest.mark.parametrize("cookie", ["tracker=1; Path=/", "Suite_Session=1", "suite_session2=x", " =nameless"])
def test_an_undeclared_cookie_cannot_leave_the_server(
    no_trace: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cookie: str
) -> None:
    made = application.create_app(settings_for(f"sqlite:///{tmp_path}/x.db", tmp_path), check_schema=False)

    @made.get("/with-cookie")
    @public
    def with_cookie() -> Response:
        return Response("hello", headers={"Set-Cookie": cookie})

    answer = made.test_client().get("/with-cookie")

    assert answer.status_code == 500
    assert "Set-Cookie" not in answer.headers
    assert b"hello" not in answer.data
