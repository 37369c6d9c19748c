"""Changing the e-mail address, and which writings of an address are one."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select

from suite.accounts import address
from suite.accounts.models import Account, AddressChange, UndoLink
from suite.kernel import clock, db
from suite.kernel.http import App
from suite.kernel.models import Job, Limit
from suite.staff import Role
from tests.failures.crowd import at_once
from tests.house_rules.test_routes import schemas_in
from tests.house_rules.test_statements import counted
from tests.people import PASSWORD, Outbox, People, SignedIn

EMAIL, CONFIRMATION, SETTINGS = "/api/v1/me/email", "/api/v1/me/email/confirmation", "/api/v1/me/settings"
OLD, NEW = "ann@example.org", "ann.lee@example.org"
CROWD = 50


def ask(member: SignedIn, email: str = NEW) -> Any:
    return member.post(EMAIL, json={"email": email})


def confirm(member: SignedIn, code: str) -> Any:
    return member.post(CONFIRMATION, json={"code": code})


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1000000:06d}"


def new_code(outbox: Outbox) -> str:
    return outbox.code("confirm_new_address")


def moved(people: People, outbox: Outbox, old: str = OLD, new: str = NEW, service: str = "my-account") -> SignedIn:
    """Make somebody whose address was just changed."""
    member = people.member(old, service)
    ask(member, new)
    assert confirm(member, new_code(outbox)).status_code == 200
    return member


def signs_in(people: People, email: str) -> bool:
    answer = people.stranger.post("/api/v1/sessions", json={"email": email, "password": PASSWORD})
    return bool(answer.status_code == 201)


def undo(people: People, token: str) -> Any:
    return people.stranger.post("/api/v1/undo", json={"token": token})


def no_limits() -> None:
    with db.transaction() as session:
        session.execute(delete(Limit))


# --- the change


@pytest.mark.parametrize(
    "service",
    [
        pytest.param("my-account", marks=pytest.mark.policy("MYK-24")),
        pytest.param("business-hub", marks=pytest.mark.policy("BUS-19")),
        pytest.param("cloud-console", marks=pytest.mark.policy("SCC-18")),
        pytest.param("office-365", marks=pytest.mark.policy("O365-16")),
        pytest.param("report-parser", marks=pytest.mark.policy("GSI-12")),
    ],
)
def test_the_address_is_changed_by_a_code_from_the_new_mailbox(people: People, outbox: Outbox, service: str) -> None:
    member, elsewhere = people.member(OLD, service), people.sign_in()
    before = member.get(SETTINGS).headers["ETag"]

    asked = ask(member)
    waits = [signs_in(people, one) for one in (OLD, NEW)]
    done = confirm(member, new_code(outbox))

    assert (asked.status_code, asked.json["email"]) == (202, NEW)
    assert waits == [True, False]
    assert (done.status_code, done.json["email"]) == (200, NEW)
    assert [signs_in(people, one) for one in (OLD, NEW)] == [False, True]
    assert member.get(SETTINGS).json["pending_email"] is None
    assert member.get(SETTINGS).headers["ETag"] != before
    assert elsewhere.get("/api/v1/me").json["email"] == NEW


def test_both_addresses_are_told_and_the_old_one_alone_can_take_it_back(people: People, outbox: Outbox) -> None:
    moved(people, outbox)

    letters = {(one.letter, one.recipient): one for one in outbox.sent if one.letter.startswith("address")}

    assert set(letters) == {("address_changed", OLD), ("address_confirmed", NEW)}
    assert "/undo#" in letters["address_changed", OLD].text
    assert "/undo#" not in letters["address_confirmed", NEW].text
    assert NEW not in letters["address_changed", OLD].text


def test_asking_again_replaces_what_waits(people: People, outbox: Outbox) -> None:
    member = people.member()
    ask(member, "first@example.org")
    first = new_code(outbox)
    ask(member, "second@example.org")
    second = new_code(outbox)

    answers = [confirm(member, code) for code in (first, second)]

    assert first != second
    assert [answer.status_code for answer in answers] == [422, 200]
    assert answers[1].json["email"] == "second@example.org"


def test_a_code_that_waits_in_the_outbox_is_not_sent_for_a_change_that_was_given_up(
    people: People, outbox: Outbox
) -> None:
    member = people.member()
    ask(member)
    with db.transaction() as session:
        address.answer(session.scalars(select(AddressChange.id)).one())

    cancelled = member.delete(EMAIL)

    assert cancelled.status_code == 204
    assert "confirm_new_address" not in [one.letter for one in outbox.sent]
    assert member.get(SETTINGS).json["pending_email"] is None
    answers = [member.delete(EMAIL), confirm(member, "123456")]
    assert [(one.status_code, one.json["code"]) for one in answers] == [(404, "no_address_change")] * 2


def test_a_job_names_the_row_and_nothing_else(people: People) -> None:
    ask(people.member())

    with db.transaction(reading=True) as session:
        args = session.scalars(select(Job.args).where(Job.name == "accounts.answer_address_change")).one()
        assert args == {"change_id": str(session.scalars(select(AddressChange.id)).one())}


def test_an_older_confirmation_is_not_enough_to_ask(people: People) -> None:
    member = people.member()

    with clock.at(clock.now() + timedelta(minutes=6)):
        refused = ask(member)

    assert (refused.status_code, refused.json["code"]) == (403, "sign_in_again")


@pytest.mark.parametrize("email", [OLD, "ANN@EXAMPLE.ORG", "Ann@example.org"])
def test_the_address_one_has_is_no_new_one(people: People, email: str) -> None:
    refused = ask(people.member(), email)

    assert (refused.status_code, refused.json["code"]) == (409, "same_address")


def test_the_code_works_for_thirty_minutes(people: People, outbox: Outbox) -> None:
    start = clock.now()
    late, early = people.member("bob@example.org"), people.member()
    with clock.at(start):
        until = [
            datetime.fromisoformat(ask(one, f"{which}@example.org").json["expires_at"])
            for which, one in enumerate((late, early))
        ]
        codes = {one.recipient: one.subject[-6:] for one in outbox.sent if one.letter == "confirm_new_address"}

    with clock.at(start + timedelta(minutes=30)):
        refused = confirm(late, codes["0@example.org"])
    with clock.at(start + timedelta(minutes=30) - timedelta(microseconds=1)):
        done = confirm(early, codes["1@example.org"])

    assert {one - start < timedelta(minutes=30, milliseconds=1) for one in until} == {True}
    assert (refused.status_code, refused.json["code"]) == (409, "code_expired")
    assert done.status_code == 200


def test_after_five_wrong_codes_the_right_one_is_worth_nothing(people: People, outbox: Outbox) -> None:
    member = people.member()
    ask(member)
    code = new_code(outbox)

    answers = [confirm(member, wrong(code)).json for _ in range(5)]
    at_last = confirm(member, code)

    assert [(one["code"], one["left"]) for one in answers] == [("wrong_code", left) for left in (4, 3, 2, 1, 0)]
    assert (at_last.status_code, at_last.json["code"]) == (409, "tries_used_up")


def test_one_code_is_spent_once_however_many_send_it(people: People, outbox: Outbox) -> None:
    member = people.member()
    ask(member)
    code = new_code(outbox)

    answers = at_once(CROWD, lambda _: confirm(member, code))

    assert Counter((one.status_code, one.json.get("code")) for one in answers) == {
        (200, None): 1,
        (404, "no_address_change"): CROWD - 1,
    }
    assert Counter(one.letter for one in outbox.sent)["address_changed"] == 1


def test_of_fifty_wrong_codes_at_most_five_are_judged(people: People, outbox: Outbox) -> None:
    member = people.member()
    ask(member)
    code = new_code(outbox)

    answers = at_once(CROWD, lambda _: confirm(member, wrong(code)))

    assert Counter(one.json["code"] for one in answers) == {"wrong_code": 5, "tries_used_up": CROWD - 5}


def test_an_account_asks_eight_times_a_day_and_an_address_is_written_to_eight_times_an_hour(
    people: People,
) -> None:
    ann, bob = people.member(), people.member("bob@example.org")
    no_limits()

    own = [ask(ann, f"{which}@example.org").status_code for which in range(9)]
    people.register("x@example.org")
    shared = [ask(bob, "x@example.org").status_code for _ in range(8)]

    assert own == [202] * 8 + [429]
    assert shared == [202] * 7 + [429]


def test_twenty_codes_a_day_are_judged_for_one_address_over_all_accounts(people: People, outbox: Outbox) -> None:
    members = [people.member(f"{which}@example.org") for which in range(5)]
    codes = []

    for member in members:
        ask(member)
        codes += [confirm(member, wrong(new_code(outbox))).json["code"] for _ in range(5)]

    assert codes == ["wrong_code"] * 20 + ["too_many_attempts"] * 5


# --- free and taken addresses


def test_a_taken_address_is_answered_with_the_same_bytes_and_work_and_its_owner_is_told(
    people: People, outbox: Outbox
) -> None:
    people.account("taken@example.org")
    ann = people.member()
    found = {}

    for email in ("taken@example.org", "freed@example.org"):
        no_limits()
        with clock.at(clock.now()):
            with counted() as statements:
                asked = ask(ann, email)
            waits = ann.get(SETTINGS)
            outbox.deliver()
            with counted() as judged:
                refused = confirm(ann, "000000")
        found[email] = (
            asked.status_code,
            {key: len(value) for key, value in asked.json.items()},
            sorted(asked.headers.keys()),
            statements,
            set(waits.json["pending_email"]),
            refused.json | {"request_id": ""},
            judged,
        )

    assert found["taken@example.org"] == found["freed@example.org"]
    assert outbox.last("address_wanted").recipient == "taken@example.org"
    assert outbox.last("confirm_new_address").recipient == "freed@example.org"
    assert [one.letter for one in outbox.sent if one.recipient == "taken@example.org"] == [
        "confirm_address",
        "address_wanted",
    ]


def test_an_address_that_got_an_account_meanwhile_is_not_taken_over(people: People, outbox: Outbox) -> None:
    member = people.member()
    ask(member)
    code = new_code(outbox)
    people.account(NEW)

    refused = confirm(member, code)

    assert (refused.status_code, refused.json["code"]) == (409, "address_taken")
    assert member.get(SETTINGS).json["email"] == OLD


def test_of_two_accounts_that_want_one_address_one_gets_it(people: People, outbox: Outbox) -> None:
    members = [people.member(), people.member("bob@example.org")]
    codes = []
    for member in members:
        ask(member)
        codes.append(new_code(outbox))

    answers = at_once(2, lambda which: confirm(members[which], codes[which]))

    assert sorted(one.status_code for one in answers) == [200, 409]


# --- taking it back


def test_the_old_address_takes_the_change_back_and_ends_everything(people: People, outbox: Outbox) -> None:
    member = moved(people, outbox)
    elsewhere = people.sign_in(NEW)
    ask(member, "third@example.org")

    with clock.at(clock.now()):
        done = undo(people, outbox.undo_token("address_changed"))
        frozen = datetime.fromisoformat(done.json["frozen_until"]) - clock.now()

    assert (done.status_code, done.json["kind"]) == (200, "address")
    assert timedelta(hours=24) - frozen < timedelta(milliseconds=1)
    assert [one.get("/api/v1/me").status_code for one in (member, elsewhere)] == [401, 401]
    assert [signs_in(people, one) for one in (OLD, NEW)] == [True, False]
    assert {one.recipient for one in outbox.sent if one.letter == "address_restored"} == {OLD, NEW}
    back = people.sign_in()
    assert back.get(SETTINGS).json["pending_email"] is None
    assert back.get(SETTINGS).json["frozen_until"] == done.json["frozen_until"]


def test_the_link_to_the_old_address_works_for_72_hours(people: People, outbox: Outbox) -> None:
    start = clock.now()
    ann, bob = people.member(), people.member("bob@example.org")
    with clock.at(start):
        for member, new in ((ann, "a@example.org"), (bob, "b@example.org")):
            ask(member, new)
            confirm(member, new_code(outbox))
        tokens = {
            one.recipient: one.text.split("/undo#")[1].split()[0]
            for one in outbox.sent
            if one.letter == "address_changed"
        }

    with clock.at(start + timedelta(hours=72)):
        late = undo(people, tokens[OLD])
    with clock.at(start + timedelta(hours=72) - timedelta(microseconds=1)):
        just = undo(people, tokens["bob@example.org"])

    assert (late.status_code, late.json["code"]) == (404, "undo_gone")
    assert just.status_code == 200


def test_changes_are_stopped_for_24_hours_and_not_longer(people: People, outbox: Outbox) -> None:
    moved(people, outbox)
    start = clock.now()
    with clock.at(start):
        undo(people, outbox.undo_token("address_changed"))

    with clock.at(start + timedelta(hours=24) - timedelta(microseconds=1)):
        frozen = ask(people.sign_in())
    with clock.at(start + timedelta(hours=24)):
        free = ask(people.sign_in())

    assert (frozen.status_code, frozen.json["code"], frozen.headers["Retry-After"]) == (409, "changes_frozen", "1")
    assert free.status_code == 202


def test_nothing_that_guards_the_account_changes_while_changes_are_stopped(people: People, outbox: Outbox) -> None:
    member = people.member()
    member.post("/api/v1/me/services", json={"service": "cloud-console"})
    ask(member)
    code = new_code(outbox)
    with db.transaction() as session:
        session.scalars(select(Account)).one().frozen_until = clock.now() + timedelta(hours=1)

    answers = [
        ask(member, "other@example.org"),
        confirm(member, code),
        member.put("/api/v1/me/password", json={"password": "five small red kettles"}),
        member.delete("/api/v1/me/services/cloud-console"),
        member.post("/api/v1/me/closure"),
    ]

    assert [(one.status_code, one.json["code"]) for one in answers] == [(409, "changes_frozen")] * 5
    assert member.get(SETTINGS).json["email"] == OLD


def test_links_mailed_after_the_change_are_worth_nothing_once_it_was_taken_back(people: People, outbox: Outbox) -> None:
    """Whoever took the account over changed the address twice: his second link must not bring his first one back."""
    member = moved(people, outbox)
    own = outbox.undo_token("address_changed")
    no_limits()
    ask(member, "third@example.org")
    confirm(member, new_code(outbox))
    member.put("/api/v1/me/password", json={"password": "five small red kettles"})
    strange = [outbox.undo_token("address_changed"), outbox.undo_token("password_changed")]

    done = undo(people, own)

    assert done.status_code == 200
    assert [undo(people, token).json["code"] for token in strange] == ["undo_gone"] * 2
    with db.transaction(reading=True) as session:
        assert session.scalars(select(Account.address)).one() == OLD


def test_a_later_change_is_taken_back_without_the_earlier_one(people: People, outbox: Outbox) -> None:
    member = moved(people, outbox)
    earlier = outbox.undo_token("address_changed")
    ask(member, "third@example.org")
    confirm(member, new_code(outbox))

    undo(people, outbox.undo_token("address_changed"))
    second = signs_in(people, NEW)
    undo(people, earlier)

    assert second
    assert signs_in(people, OLD)


def test_one_link_is_spent_once_however_many_open_it(people: People, outbox: Outbox) -> None:
    moved(people, outbox)
    token = outbox.undo_token("address_changed")

    answers = at_once(CROWD, lambda _: undo(people, token))

    assert Counter(one.status_code for one in answers) == {200: 1, 404: CROWD - 1}
    assert Counter(one.letter for one in outbox.sent)["address_restored"] == 2


def test_an_old_address_with_an_account_of_its_own_stays_there_and_the_rest_is_done_all_the_same(
    people: People, outbox: Outbox
) -> None:
    member = moved(people, outbox)
    token = outbox.undo_token("address_changed")
    people.account(OLD)

    refused = undo(people, token)

    assert (refused.status_code, refused.json["code"]) == (409, "address_taken")
    assert member.get("/api/v1/me").status_code == 401
    assert undo(people, token).json["code"] == "undo_gone"
    back = people.sign_in(NEW)
    assert back.get(SETTINGS).json["frozen_until"] is not None
    assert people.sign_in(OLD).get(SETTINGS).json["frozen_until"] is None


def test_a_thief_who_closes_the_account_after_changing_its_address_does_not_win(people: People, outbox: Outbox) -> None:
    member = moved(people, outbox, service="business-hub")
    token = outbox.undo_token("address_changed")
    member.post("/api/v1/me/closure")
    outbox.deliver()

    done = undo(people, token)

    assert done.status_code == 200
    assert signs_in(people, OLD)


def test_an_account_closed_without_a_grace_is_not_opened_by_the_old_address(people: People, outbox: Outbox) -> None:
    member = moved(people, outbox, service="motorsport")
    token = outbox.undo_token("address_changed")
    member.post("/api/v1/me/closure")

    refused = undo(people, token)

    assert (refused.status_code, refused.json["code"]) == (404, "undo_gone")
    assert not signs_in(people, OLD)


def test_undo_links_of_one_account_leave_those_of_others_alone(people: People, outbox: Outbox) -> None:
    moved(people, outbox)
    own = outbox.undo_token("address_changed")
    moved(people, outbox, "bob@example.org", "bobby@example.org")
    other = outbox.undo_token("address_changed")

    undo(people, own)

    with db.transaction(reading=True) as session:
        unused = session.scalar(select(func.count()).select_from(UndoLink).where(UndoLink.used_at.is_(None)))
    assert unused == 1
    assert undo(people, other).status_code == 200


# --- which writings are one address


def doors(app: App) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Give every route by which people name an address, with a body that is acceptable but for it."""
    for method, path, schema, _ in schemas_in(app):
        if "email" in schema["properties"] and "/staff/" not in path:
            yield method.upper(), path, dict(schema["examples"][0])


def test_every_door_that_takes_an_address_is_tried_below(app: App) -> None:
    paths = {path for _, path, _ in doors(app)}

    assert paths >= {"/api/v1/registrations", "/api/v1/sessions", EMAIL}


@pytest.mark.parametrize("other", ["ADA@B\u00dcCHER.EXAMPLE", "ada@xn--bcher-kva.example", "ada@bu\u0308cher.example"])
def test_the_doors_of_staff_take_two_writings_of_one_address_for_the_same(people: People, other: str) -> None:
    ada = people.staff(Role.ADMINISTRATOR, email="ada@b\u00fccher.example")
    account = people.account("ada@b\u00fccher.example")

    entered = people.stranger.post("/api/v1/staff/sessions", json={"email": other, "password": PASSWORD})
    found = ada.post("/api/v1/staff/accounts/search", json={"email": other})
    doubled = ada.post("/api/v1/staff/members", json={"email": other, "roles": ["operator"]})

    assert entered.status_code == 202
    assert found.json["accounts"][0]["id"] == account["id"]
    assert doubled.json["code"] == "staff_exists"


NOT_ONE_OF_OURS = {
    "a Cyrillic a": "\u0430nn@example.org",
    "a Cyrillic a in the domain": "ann@ex\u0430mple.org",
    "a dotless i": "\u0131nn@example.org",
    "a dotless i in the domain": "inn@\u0131nn.example",
    "a Turkish capital I": "\u0130nn@example.org",
    "a Kelvin sign": "\u212ann@example.org",
    "a Kelvin sign in the domain": "knn@\u212ann.example",
    "a long s": "\u017fnn@example.org",
    "a long s in the domain": "snn@\u017fnn.example",
    "full-width letters": "\uff41nn@example.org",
    "full-width letters in the domain": "ann@\uff45xample.org",
    "a letter in a circle": "ann@\u24d4xample.org",
    "another full stop": "ann@example\u3002org",
    "a half-width full stop": "ann@example\uff61org",
    "a full-width full stop": "ann@example\uff0eorg",
    "a one-dot leader": "ann@example\u2024org",
    "a combining accent": "a\u0301nn@example.org",
    "a zero-width space": "ann\u200b@example.org",
    "a soft hyphen": "ann@exam\u00adple.org",
    "a zero-width joiner": "ann@exa\u200dmple.org",
    "text turned around": "ann@example.org\u202e",
    "a dot at the end": "ann@example.org.",
    "a dot before the at": "ann.@example.org",
    "a dot at the beginning": ".ann@example.org",
    "two dots": "ann@example..org",
    "an address literal": "ann@[127.0.0.1]",
    "an IPv6 literal": "ann@[IPv6:::1]",
    "a bare number": "ann@127.0.0.1",
    "a domain without a dot": "ann@localhost",
    "two recipients": "ann@example.org,bob@example.org",
    "two recipients with a semicolon": "ann@example.org;bob@example.org",
    "two recipients with a blank": "ann@example.org bob@example.org",
    "a second at": "ann@bob@example.org",
    "a smuggled header": "ann@example.org\nBcc: bob@example.org",
    "a carriage return": "ann@example.org\r",
    "a blank before": " ann@example.org",
    "a blank after": "ann@example.org ",
    "an ideographic blank": "ann@example.org\u3000",
    "a display name": "Ann <ann@example.org>",
    "angle brackets": "<ann@example.org>",
    "quotes": '"ann"@example.org',
    "a comment": "ann(x)@example.org",
    "a comment at the end": "ann@example.org(x)",
    "a tag": "ann+tag@example.org",
    "another dot": "a.nn@example.org",
    "a sharp s": "ann@stra\u00dfe.example",
}
IMITATED = [OLD, "inn@example.org", "knn@example.org", "snn@example.org", "bob@example.org"]
IMITATED += ["inn@inn.example", "knn@knn.example", "snn@snn.example", "ann@strasse.example"]


def test_no_door_takes_another_writing_for_an_address_it_is_not(app: App, people: People, outbox: Outbox) -> None:
    member = people.member("someone@example.org", "company-account")  # an Administrator invites people by their address
    for one in IMITATED:
        people.account(one)
        no_limits()
    before, taken, open_to = len(outbox.sent), [], list(doors(app))

    for name, written in NOT_ONE_OF_OURS.items():
        no_limits()
        for method, path, body in open_to:
            answer = member.request(method, path, json=body | {"email": written, **same_password(body)})
            refused = answer.status_code == 422 and [one["pointer"] for one in answer.json["errors"]] == ["/email"]
            if not refused and answer.status_code not in {201, 202, 401}:  # taken as an address of its own
                taken.append((name, path, answer.status_code))

    assert taken == []
    assert {one.recipient for one in outbox.sent[before:]} & set(IMITATED) == set()


def same_password(body: dict[str, Any]) -> dict[str, str]:
    return {"password": PASSWORD} if "password" in body else {}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (OLD, "ANN@EXAMPLE.ORG"),
        (OLD, "Ann@Example.Org"),
        ("ann@b\u00fccher.example", "ann@xn--bcher-kva.example"),
        ("ann@b\u00fccher.example", "ANN@B\u00dcCHER.EXAMPLE"),
        ("ann@xn--bcher-kva.example", "ann@bu\u0308cher.example"),
    ],
)
def test_every_door_takes_two_writings_of_one_address_for_the_same(
    app: App, people: People, outbox: Outbox, one: str, other: str
) -> None:
    member = people.member("someone@example.org", "company-account")
    people.account(one)

    for method, path, body in doors(app):
        no_limits()
        before = len(outbox.sent)
        answer = member.request(method, path, json=body | {"email": other, **same_password(body)})
        # Before a request about data is proven nobody looks for an account: it is mailed to the address as typed.
        mailbox = other if path == "/api/v1/privacy/requests" else one
        known = {message.recipient for message in outbox.sent[before:]} == {mailbox}
        assert answer.status_code == 201 or known, (path, answer.json)
