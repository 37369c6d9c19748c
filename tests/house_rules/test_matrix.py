"""Who may call what: every route of the API with every kind of caller, against one table written by hand.

The table names the permission of each route; which kinds of callers and which roles have it comes from the
permission tables. So a route with a wrong decorator, a route nobody wrote down and a row without a route all fail.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from suite.kernel import clock
from suite.kernel.access import PERMISSIONS, Actor, ActorKind
from suite.kernel.access import Permission as P
from suite.kernel.http import App
from suite.kernel.ids import new_id
from suite.staff import Role
from suite.staff.roles import ROLES
from tests.house_rules.test_routes import MALFORMED, address, api
from tests.people import People, SignedIn


@dataclass(frozen=True)
class May:
    """Who has this permission may call, with a fresh confirmation where one is asked."""

    permission: P
    fresh: bool = False


ANYBODY = None
# A new route gets one row here: its permission as it is meant to be, not as the code says.
WHO: dict[str, May | None] = {
    # --- everybody
    "POST /api/v1/callbacks/twilio/<uuid:message_id>": ANYBODY,  # it carries a signature
    "POST /api/v1/challenges/code": ANYBODY,
    "GET /api/v1/privacy/catalogue": ANYBODY,
    "GET /api/v1/privacy/versions": ANYBODY,
    "GET /api/v1/privacy/versions/<version>": ANYBODY,
    "GET /api/v1/privacy/authority": ANYBODY,
    "POST /api/v1/registrations": ANYBODY,
    "POST /api/v1/registrations/<uuid:registration_id>/confirmation": ANYBODY,
    "POST /api/v1/registrations/<uuid:registration_id>/resend": ANYBODY,
    "POST /api/v1/registrations/confirmation": ANYBODY,
    "POST /api/v1/recoveries": ANYBODY,
    "POST /api/v1/recoveries/<uuid:recovery_id>/proof": ANYBODY,
    "POST /api/v1/recoveries/answer": ANYBODY,
    "POST /api/v1/recoveries/password": ANYBODY,
    "POST /api/v1/recoveries/proof": ANYBODY,
    "POST /api/v1/recoveries/second-factor": ANYBODY,
    "POST /api/v1/recoveries/wait": ANYBODY,
    "GET /api/v1/security-questions": ANYBODY,
    "GET /api/v1/products": ANYBODY,
    "GET /api/v1/services": ANYBODY,
    "GET /api/v1/services/<key>": ANYBODY,
    "POST /api/v1/sessions": ANYBODY,
    "POST /api/v1/sessions/challenge": ANYBODY,
    "POST /api/v1/staff/invitations/acceptance": ANYBODY,
    "POST /api/v1/staff/invitations/confirmation": ANYBODY,
    "POST /api/v1/staff/sessions": ANYBODY,
    "POST /api/v1/staff/sessions/challenge": ANYBODY,
    "POST /api/v1/undo": ANYBODY,
    "GET /api/v1/cookie-choices": ANYBODY,
    "PUT /api/v1/cookie-choices": ANYBODY,
    "GET /api/v1/unsubscribe/<token>": ANYBODY,
    "POST /api/v1/unsubscribe/<token>": ANYBODY,  # it carries a sealed token
    "POST /api/v1/undo/details": ANYBODY,
    "POST /api/v1/visits": ANYBODY,
    "GET /api/v1/beacons/<campaign>.gif": ANYBODY,
    "POST /api/v1/privacy/requests": ANYBODY,
    "POST /api/v1/privacy/requests/information": ANYBODY,
    "POST /api/v1/privacy/requests/proof": ANYBODY,
    "POST /api/v1/exports/handover": ANYBODY,  # the link in it opens one copy
    "POST /api/v1/products/<product>/events": ANYBODY,  # it carries a signature
    "POST /api/v1/licenses/activations": ANYBODY,  # the code is the credential
    "POST /api/v1/licenses/validations": ANYBODY,
    "POST /api/v1/licenses/releases": ANYBODY,
    "GET /api/v1/licenses/keys": ANYBODY,
    # --- a person, about himself
    "GET /api/v1/me": May(P.OWN_ACCOUNT),
    "GET /api/v1/me/accesses": May(P.OWN_ACCOUNT),
    "GET /api/v1/me/events": May(P.OWN_ACCOUNT),
    "POST /api/v1/me/closure": May(P.OWN_ACCOUNT, fresh=True),
    "GET /api/v1/me/consents": May(P.OWN_ACCOUNT),
    "GET /api/v1/me/consents/<service>/<purpose>": May(P.OWN_ACCOUNT),
    "PUT /api/v1/me/consents/<service>/<purpose>": May(P.OWN_ACCOUNT),
    "GET /api/v1/me/consents/history": May(P.OWN_ACCOUNT),
    "GET /api/v1/me/consents/receipts/<uuid:entry_id>": May(P.OWN_ACCOUNT),
    "GET /api/v1/company": May(P.OWN_COMPANY),
    "PATCH /api/v1/company": May(P.OWN_COMPANY),  # the story asks for an Administrator, here and below
    "PUT /api/v1/company/block": May(P.OWN_COMPANY, fresh=True),
    "DELETE /api/v1/company/block": May(P.OWN_COMPANY, fresh=True),
    "GET /api/v1/company/domains": May(P.OWN_COMPANY),
    "POST /api/v1/company/domains": May(P.OWN_COMPANY, fresh=True),
    "DELETE /api/v1/company/domains/<uuid:domain_id>": May(P.OWN_COMPANY),
    "POST /api/v1/company/domains/<uuid:domain_id>/confirmation": May(P.OWN_COMPANY),
    "POST /api/v1/company/entry": May(P.OWN_COMPANY),
    "GET /api/v1/company/invitations": May(P.OWN_COMPANY),
    "POST /api/v1/company/invitations": May(P.OWN_COMPANY),
    "DELETE /api/v1/company/invitations/<uuid:invitation_id>": May(P.OWN_COMPANY),
    "POST /api/v1/company/invitations/acceptance": May(P.OWN_COMPANY),
    "GET /api/v1/company/members": May(P.OWN_COMPANY),
    "GET /api/v1/company/members/<uuid:member_id>": May(P.OWN_COMPANY),
    "PATCH /api/v1/company/members/<uuid:member_id>": May(P.OWN_COMPANY, fresh=True),
    "DELETE /api/v1/company/members/<uuid:member_id>": May(P.OWN_COMPANY, fresh=True),
    "GET /api/v1/company/membership": May(P.OWN_COMPANY),
    "DELETE /api/v1/company/membership": May(P.OWN_COMPANY, fresh=True),
    "GET /api/v1/company/requests": May(P.OWN_COMPANY),
    "DELETE /api/v1/company/requests/<uuid:member_id>": May(P.OWN_COMPANY),
    "POST /api/v1/company/requests/<uuid:member_id>/acceptance": May(P.OWN_COMPANY),
    "GET /api/v1/me/licenses": May(P.OWN_LICENSES),
    "POST /api/v1/me/licenses": May(P.OWN_LICENSES),
    "GET /api/v1/me/licenses/<uuid:license_id>": May(P.OWN_LICENSES),
    "DELETE /api/v1/me/licenses/<uuid:license_id>": May(P.OWN_LICENSES),
    "PUT /api/v1/me/licenses/<uuid:license_id>/renewal": May(P.OWN_LICENSES),
    "GET /api/v1/me/notices": May(P.OWN_ACCOUNT),
    "PUT /api/v1/me/notices/<purpose>": May(P.OWN_ACCOUNT),
    "GET /api/v1/me/reminders": May(P.OWN_SERVICES),
    "POST /api/v1/me/email": May(P.OWN_ACCOUNT, fresh=True),
    "POST /api/v1/me/email/confirmation": May(P.OWN_ACCOUNT),  # the act that asked for it was fresh
    "DELETE /api/v1/me/email": May(P.OWN_ACCOUNT),
    "GET /api/v1/me/factors": May(P.OWN_FACTORS),
    "PATCH /api/v1/me/factors/<uuid:factor_id>": May(P.OWN_FACTORS),
    "DELETE /api/v1/me/factors/<uuid:factor_id>": May(P.OWN_FACTORS, fresh=True),
    "POST /api/v1/me/factors/<uuid:factor_id>/code": May(P.OWN_FACTORS),
    "POST /api/v1/me/factors/<uuid:factor_id>/confirmation": May(P.OWN_FACTORS, fresh=True),
    "POST /api/v1/me/factors/apps": May(P.OWN_FACTORS, fresh=True),
    "POST /api/v1/me/factors/phones": May(P.OWN_FACTORS, fresh=True),
    "POST /api/v1/me/factors/recovery-codes": May(P.OWN_FACTORS, fresh=True),
    "PUT /api/v1/me/password": May(P.OWN_ACCOUNT),  # the present password in it is as good as fresh
    "GET /api/v1/me/security-question": May(P.OWN_ACCOUNT),
    "PUT /api/v1/me/security-question": May(P.OWN_ACCOUNT, fresh=True),
    "DELETE /api/v1/me/security-question": May(P.OWN_ACCOUNT, fresh=True),
    "GET /api/v1/me/services": May(P.OWN_SERVICES),
    "POST /api/v1/me/services": May(P.OWN_SERVICES),
    "GET /api/v1/me/services/<service>": May(P.OWN_SERVICES),
    "PATCH /api/v1/me/services/<service>": May(P.OWN_SERVICES),
    "POST /api/v1/me/services/<service>/return": May(P.OWN_SERVICES),
    "GET /api/v1/me/settings": May(P.OWN_ACCOUNT),
    "PATCH /api/v1/me/settings": May(P.OWN_ACCOUNT),
    "DELETE /api/v1/me/services/<service>": May(P.OWN_SERVICES, fresh=True),
    "GET /api/v1/sessions": May(P.OWN_SESSIONS),
    "DELETE /api/v1/sessions": May(P.OWN_SESSIONS),
    "DELETE /api/v1/sessions/<uuid:session_id>": May(P.OWN_SESSIONS),
    "DELETE /api/v1/sessions/current": May(P.OWN_SESSIONS),
    "POST /api/v1/sessions/current/challenge": May(P.OWN_SESSIONS),
    "POST /api/v1/sessions/current/challenge/answer": May(P.OWN_SESSIONS),
    "GET /api/v1/sessions/current/confirmation": May(P.OWN_SESSIONS),
    "POST /api/v1/sessions/current/confirmation": May(P.OWN_SESSIONS),
    "GET /api/v1/sessions/current/csrf-token": May(P.OWN_SESSIONS),
    "GET /api/v1/me/data": May(P.OWN_ACCOUNT),
    "GET /api/v1/me/exports": May(P.OWN_ACCOUNT),
    "POST /api/v1/me/exports": May(P.OWN_ACCOUNT, fresh=True),
    "GET /api/v1/me/exports/<uuid:export_id>": May(P.OWN_ACCOUNT),
    "GET /api/v1/me/exports/<uuid:export_id>/download": May(P.OWN_ACCOUNT, fresh=True),
    "POST /api/v1/me/exports/<uuid:export_id>/link": May(P.OWN_ACCOUNT, fresh=True),
    "GET /api/v1/me/disclosures": May(P.OWN_ACCOUNT),
    "GET /api/v1/me/visits/<service>": May(P.OWN_ACCOUNT),
    "GET /api/v1/me/objections": May(P.OWN_ACCOUNT),
    "DELETE /api/v1/me/objections/<purpose>": May(P.OWN_ACCOUNT),
    "GET /api/v1/me/requests": May(P.OWN_ACCOUNT),
    "POST /api/v1/me/requests": May(P.OWN_ACCOUNT),  # the sensitive kinds ask for a confirmation themselves
    "GET /api/v1/me/requests/<uuid:request_id>": May(P.OWN_ACCOUNT),
    "POST /api/v1/me/requests/<uuid:request_id>/information": May(P.OWN_ACCOUNT),
    "POST /api/v1/me/requests/<uuid:request_id>/withdrawal": May(P.OWN_ACCOUNT),
    "GET /api/v1/me/restriction": May(P.OWN_ACCOUNT),
    "DELETE /api/v1/me/restriction": May(P.OWN_ACCOUNT, fresh=True),
    "POST /api/v1/me/licenses/key-file": May(P.OWN_LICENSES),
    "GET /api/v1/me/licenses/<uuid:license_id>/devices": May(P.OWN_LICENSES),
    "GET /api/v1/me/licenses/<uuid:license_id>/rights": May(P.OWN_LICENSES),
    "POST /api/v1/me/licenses/<uuid:license_id>/devices": May(P.OWN_LICENSES),
    "DELETE /api/v1/me/licenses/<uuid:license_id>/devices/<uuid:activation_id>": May(P.OWN_LICENSES),
    # --- a person at work; what the role in the company lets is asked behind the door
    "GET /api/v1/company/contracts": May(P.OWN_COMPANY),
    "GET /api/v1/company/licenses": May(P.OWN_COMPANY),
    "POST /api/v1/company/licenses": May(P.OWN_COMPANY),
    "DELETE /api/v1/company/licenses/<uuid:license_id>": May(P.OWN_COMPANY),
    "GET /api/v1/company/addresses": May(P.OWN_COMPANY),
    "POST /api/v1/company/addresses": May(P.OWN_COMPANY),
    "DELETE /api/v1/company/addresses/<uuid:address_id>": May(P.OWN_COMPANY),
    "POST /api/v1/company/addresses/<uuid:address_id>/code": May(P.OWN_COMPANY),
    "POST /api/v1/company/addresses/<uuid:address_id>/confirmation": May(P.OWN_COMPANY),
    "GET /api/v1/company/members/<uuid:member_id>/settings": May(P.OWN_COMPANY),
    "PATCH /api/v1/company/members/<uuid:member_id>/settings": May(P.OWN_COMPANY),
    "POST /api/v1/company/members/<uuid:member_id>/password-reset": May(P.OWN_COMPANY, fresh=True),
    # --- a staff member, about himself
    "GET /api/v1/staff/me": May(P.OWN_STAFF_ACCESS),
    "GET /api/v1/staff/me/factors": May(P.OWN_STAFF_ACCESS),
    "POST /api/v1/staff/me/factors/apps": May(P.OWN_STAFF_ACCESS, fresh=True),
    "POST /api/v1/staff/me/factors/<uuid:factor_id>/confirmation": May(P.OWN_STAFF_ACCESS, fresh=True),
    "DELETE /api/v1/staff/me/factors/<uuid:factor_id>": May(P.OWN_STAFF_ACCESS, fresh=True),
    "POST /api/v1/staff/me/recovery-codes": May(P.OWN_STAFF_ACCESS, fresh=True),
    "DELETE /api/v1/staff/sessions/current": May(P.OWN_STAFF_ACCESS),
    "POST /api/v1/staff/sessions/current/challenge": May(P.OWN_STAFF_ACCESS),
    "POST /api/v1/staff/sessions/current/challenge/answer": May(P.OWN_STAFF_ACCESS),
    "GET /api/v1/staff/sessions/current/csrf-token": May(P.OWN_STAFF_ACCESS),
    # --- a staff member, about others: what his roles allow
    "POST /api/v1/staff/accounts/search": May(P.VIEW_ACCOUNTS),
    "POST /api/v1/staff/accounts/<uuid:account_id>/view": May(P.VIEW_ACCOUNTS),
    "POST /api/v1/staff/accounts/<uuid:account_id>/block": May(P.BLOCK_ACCOUNTS, fresh=True),
    "POST /api/v1/staff/accounts/<uuid:account_id>/unblock": May(P.BLOCK_ACCOUNTS, fresh=True),
    "DELETE /api/v1/staff/accounts/<uuid:account_id>/sessions": May(P.END_SESSIONS),
    "POST /api/v1/staff/accounts/<uuid:account_id>/messages/list": May(P.VIEW_MESSAGES),
    "POST /api/v1/staff/accounts/<uuid:account_id>/audit": May(P.READ_AUDIT),
    "GET /api/v1/staff/audit": May(P.READ_AUDIT),
    "GET /api/v1/staff/license-batches": May(P.VIEW_LICENSES),
    "POST /api/v1/staff/license-batches": May(P.MANAGE_LICENSES, fresh=True),
    "GET /api/v1/staff/licenses": May(P.VIEW_LICENSES),
    "POST /api/v1/staff/licenses/search": May(P.VIEW_LICENSES),
    "GET /api/v1/staff/licenses/<uuid:license_id>": May(P.VIEW_LICENSES),
    "POST /api/v1/staff/licenses/<uuid:license_id>/view": May(P.VIEW_LICENSES),
    "POST /api/v1/staff/licenses/<uuid:license_id>/void": May(P.MANAGE_LICENSES, fresh=True),
    "POST /api/v1/staff/licenses/<uuid:license_id>/extend": May(P.MANAGE_LICENSES),
    "POST /api/v1/staff/licenses/<uuid:license_id>/transfer": May(P.MANAGE_LICENSES, fresh=True),
    "GET /api/v1/staff/messages": May(P.VIEW_MESSAGES),
    "POST /api/v1/staff/messages/<uuid:message_id>/retry": May(P.RETRY_MESSAGES),
    "POST /api/v1/staff/registrations/resend": May(P.RESEND_MESSAGES),
    "GET /api/v1/staff/members": May(P.MANAGE_STAFF),
    "POST /api/v1/staff/members": May(P.MANAGE_STAFF, fresh=True),
    "PUT /api/v1/staff/members/<uuid:member_id>/roles": May(P.MANAGE_STAFF, fresh=True),
    "POST /api/v1/staff/members/<uuid:member_id>/disable": May(P.MANAGE_STAFF, fresh=True),
    "POST /api/v1/staff/members/<uuid:member_id>/invitation": May(P.MANAGE_STAFF, fresh=True),
    "GET /api/v1/staff/webhooks": May(P.MANAGE_WEBHOOKS),
    "POST /api/v1/staff/webhooks": May(P.MANAGE_WEBHOOKS, fresh=True),
    "GET /api/v1/staff/webhooks/<uuid:endpoint_id>": May(P.MANAGE_WEBHOOKS),
    "PATCH /api/v1/staff/webhooks/<uuid:endpoint_id>": May(P.MANAGE_WEBHOOKS, fresh=True),  # where events go
    "DELETE /api/v1/staff/webhooks/<uuid:endpoint_id>": May(P.MANAGE_WEBHOOKS, fresh=True),
    "GET /api/v1/staff/webhooks/<uuid:endpoint_id>/deliveries": May(P.MANAGE_WEBHOOKS),
    "POST /api/v1/staff/webhooks/<uuid:endpoint_id>/deliveries/<uuid:delivery_id>/replay": May(P.MANAGE_WEBHOOKS),
    "POST /api/v1/staff/webhooks/<uuid:endpoint_id>/replay": May(P.MANAGE_WEBHOOKS),
    "POST /api/v1/staff/webhooks/<uuid:endpoint_id>/secret": May(P.MANAGE_WEBHOOKS, fresh=True),
    "POST /api/v1/staff/webhooks/<uuid:endpoint_id>/test": May(P.MANAGE_WEBHOOKS),
    "POST /api/v1/staff/disclosures": May(P.HANDLE_PRIVACY_REQUESTS, fresh=True),
    "GET /api/v1/staff/disclosures/proposed": May(P.HANDLE_PRIVACY_REQUESTS),
    "GET /api/v1/staff/disclosures/decisions": May(P.APPROVE_DISCLOSURES),
    "POST /api/v1/staff/disclosures/<uuid:disclosure_id>/view": May(P.APPROVE_DISCLOSURES),
    "POST /api/v1/staff/disclosures/<uuid:disclosure_id>/approval": May(P.APPROVE_DISCLOSURES, fresh=True),
    "POST /api/v1/staff/disclosures/<uuid:disclosure_id>/refusal": May(P.APPROVE_DISCLOSURES, fresh=True),
    "POST /api/v1/staff/disclosures/<uuid:disclosure_id>/execution": May(P.HANDLE_PRIVACY_REQUESTS, fresh=True),
    "POST /api/v1/staff/licenses/<uuid:license_id>/key-file": May(P.MANAGE_LICENSES, fresh=True),
    "GET /api/v1/staff/product-connections": May(P.MANAGE_PRODUCTS),
    "POST /api/v1/staff/product-connections": May(P.MANAGE_PRODUCTS, fresh=True),
    "DELETE /api/v1/staff/product-connections/<uuid:connection_id>": May(P.MANAGE_PRODUCTS, fresh=True),
    "POST /api/v1/staff/product-connections/<uuid:connection_id>/secret": May(P.MANAGE_PRODUCTS, fresh=True),
    "GET /api/v1/staff/companies": May(P.VIEW_COMPANIES),
    "GET /api/v1/staff/companies/<uuid:company_id>": May(P.VIEW_COMPANIES),
    "POST /api/v1/staff/companies/<uuid:company_id>/members/search": May(P.RECORD_CONTRACTS),
    "GET /api/v1/staff/companies/<uuid:company_id>/contracts": May(P.VIEW_COMPANIES),
    "POST /api/v1/staff/companies/<uuid:company_id>/contracts": May(P.RECORD_CONTRACTS),
    "GET /api/v1/staff/companies/<uuid:company_id>/contracts/<uuid:contract_id>": May(P.VIEW_COMPANIES),
    "PATCH /api/v1/staff/companies/<uuid:company_id>/contracts/<uuid:contract_id>": May(P.RECORD_CONTRACTS),
    "GET /api/v1/staff/statistics": May(P.READ_STATISTICS),
    "GET /api/v1/staff/statistics/plot.svg": May(P.READ_STATISTICS),
    "GET /api/v1/staff/statistics/figures.csv": May(P.READ_STATISTICS),
    "GET /api/v1/staff/privacy/recipients": May(P.HANDLE_PRIVACY_REQUESTS),
    "POST /api/v1/staff/privacy/recipients/<uuid:row_id>/told": May(P.HANDLE_PRIVACY_REQUESTS),
    "GET /api/v1/staff/privacy/requests": May(P.HANDLE_PRIVACY_REQUESTS),
    "POST /api/v1/staff/privacy/requests/<uuid:request_id>/extension": May(P.HANDLE_PRIVACY_REQUESTS),
    "POST /api/v1/staff/privacy/requests/<uuid:request_id>/fee": May(P.HANDLE_PRIVACY_REQUESTS),
    "POST /api/v1/staff/privacy/requests/<uuid:request_id>/fulfilment": May(P.HANDLE_PRIVACY_REQUESTS, fresh=True),
    "POST /api/v1/staff/privacy/requests/<uuid:request_id>/question": May(P.HANDLE_PRIVACY_REQUESTS),
    "POST /api/v1/staff/privacy/requests/<uuid:request_id>/refusal": May(P.HANDLE_PRIVACY_REQUESTS, fresh=True),
    "POST /api/v1/staff/privacy/requests/<uuid:request_id>/take": May(P.HANDLE_PRIVACY_REQUESTS),
    "POST /api/v1/staff/privacy/requests/<uuid:request_id>/view": May(P.HANDLE_PRIVACY_REQUESTS),
}

IN, STRANGER, NOT_ALLOWED, CONFIRM = "let in", "401 sign_in_needed", "403 not_allowed", "403 sign_in_again"


# --- kinds of callers: how one is made, and what it may do


@dataclass(frozen=True)
class Kind:
    """A kind of caller; one whose credential opens nothing has no rights at all."""

    make: Callable[[App, People], SignedIn]
    rights: frozenset[P] | None


def anonymous(_app: App, people: People) -> SignedIn:
    return SignedIn(people.stranger, "", "")


def half_signed_in(_app: App, people: People) -> SignedIn:
    people.with_app(people.member())
    return SignedIn(people.stranger, people.challenged()["challenge"], "")


def half_signed_in_staff(_app: App, people: People) -> SignedIn:
    people.staff(*Role)
    return SignedIn(people.stranger, people.staff_challenge()["challenge"], "")


def person(_app: App, people: People) -> SignedIn:
    return people.member()


def other_person(_app: App, people: People) -> SignedIn:
    people.member()
    return people.member("bob@example.org", service="business-hub")


def blocked_person(_app: App, people: People) -> SignedIn:
    member = people.member()
    path = f"/api/v1/staff/accounts/{member.get('/api/v1/me').json['id']}/block"
    assert people.staff(Role.ADMINISTRATOR).post(path, json={"reason": "misuse"}).status_code == 200
    return member


def closed_person(_app: App, people: People) -> SignedIn:
    member = people.member()
    assert member.post("/api/v1/me/closure").status_code == 200
    return member


def disabled_staff(_app: App, people: People) -> SignedIn:
    member = people.staff(*Role)
    admin = people.staff(Role.ADMINISTRATOR, email="root@example.org")
    assert admin.post(f"/api/v1/staff/members/{member.person_id}/disable").status_code == 200
    return member


def invited_again_staff(_app: App, people: People) -> SignedIn:
    member = people.staff(*Role)
    admin = people.staff(Role.ADMINISTRATOR, email="root@example.org")
    assert admin.post(f"/api/v1/staff/members/{member.person_id}/invitation").status_code == 200
    return member


def in_role(role: Role) -> Callable[[App, People], SignedIn]:
    return lambda _app, people: people.staff(role)


def device(app: App, people: People) -> SignedIn:
    known: Any = app.recognise
    app.recognise = lambda credential, client: (
        Actor(ActorKind.DEVICE, new_id(), fresh_at=clock.now() - timedelta(minutes=6))
        if credential == "device"
        else known(credential, client)
    )
    return SignedIn(people.stranger, "device", "")


PERSON = PERMISSIONS[ActorKind.ACCOUNT]
KINDS: dict[str, Kind] = {
    "anonymous": Kind(anonymous, None),
    "half signed in": Kind(half_signed_in, None),
    "staff half signed in": Kind(half_signed_in_staff, None),
    "blocked person": Kind(blocked_person, None),
    "closed person": Kind(closed_person, None),
    "disabled staff": Kind(disabled_staff, None),
    "staff invited again": Kind(invited_again_staff, None),
    "person": Kind(person, PERSON),
    "other person": Kind(other_person, PERSON),
    "device": Kind(device, PERMISSIONS[ActorKind.DEVICE]),
    **{role.value: Kind(in_role(role), PERMISSIONS[ActorKind.STAFF] | ROLES[role]) for role in Role},
}


def expected(may: May | None, rights: frozenset[P] | None) -> str:
    """Say what a caller of these rights, whose last confirmation is six minutes ago, is answered."""
    if may is ANYBODY:
        return IN
    if rights is None:
        return STRANGER
    if may.permission not in rights:
        return NOT_ALLOWED
    return CONFIRM if may.fresh else IN


def outcome(answer: Any) -> str:
    """Say what an answer means for who may call; anything behind the door counts as let in."""
    said = f"{answer.status_code} {(answer.get_json(silent=True) or {}).get('code')}"
    return said if said in {STRANGER, NOT_ALLOWED, CONFIRM} else IN


@pytest.fixture(autouse=True)
def _the_same_recogniser_afterwards(app: App) -> Iterator[None]:
    before = app.recognise
    yield
    app.recognise = before


def routes(app: App) -> list[tuple[str, Any]]:
    return sorted(((f"{method} {rule.rule}", rule) for method, rule, _ in api(app)), key=lambda one: one[0])


def in_order(app: App, rights: frozenset[P] | None) -> list[tuple[str, Any]]:
    """Give the routes, that one last that ends the caller's own session."""

    def signs_out(route: str) -> bool:
        return route.startswith("DELETE") and route.endswith("/current") and expected(WHO[route], rights) == IN

    return sorted(routes(app), key=lambda one: signs_out(one[0]))


# --- the table and the routes are the same


def unlike(served: set[str], listed: set[str]) -> list[str]:
    """Name routes without a row and rows without a route."""
    return [f"no row: {one}" for one in sorted(served - listed)] + [
        f"no route: {one}" for one in sorted(listed - served)
    ]


def test_every_route_has_a_row_and_every_row_a_route(app: App) -> None:
    assert unlike({route for route, _ in routes(app)}, set(WHO)) == []


def test_a_forgotten_row_and_a_left_over_one_are_found() -> None:
    assert unlike({"GET /a", "GET /b"}, {"GET /b", "GET /c"}) == ["no row: GET /a", "no route: GET /c"]


def test_every_permission_that_a_role_gives_and_a_route_asks_for_is_in_use() -> None:
    asked = {may.permission for may in WHO.values() if may is not ANYBODY}
    given = PERSON.union(PERMISSIONS[ActorKind.STAFF], *ROLES.values())

    assert asked <= given


# --- every kind of caller at every route


def differences(app: App, people: People, kind: str, who: dict[str, May | None]) -> dict[str, str]:
    """Send every request as one kind of caller; give what is answered otherwise than the table says."""
    caller = KINDS[kind].make(app, people)
    headers = {"Authorization": f"Bearer {caller.token}"} if caller.token else {}
    wrong = {}
    with clock.at(clock.now() + timedelta(minutes=6)):
        for route, rule in in_order(app, KINDS[kind].rights):
            method = route.partition(" ")[0]
            answer = caller.client.open(address(rule), method=method, headers=headers, **MALFORMED)
            wanted = expected(who[route], KINDS[kind].rights)
            if outcome(answer) != wanted:
                wrong[route] = f"{outcome(answer)} instead of {wanted}"
    return wrong


@pytest.mark.policy("REC-2")
@pytest.mark.parametrize("kind", KINDS)
def test_a_caller_is_let_in_where_the_table_says_and_nowhere_else(app: App, people: People, kind: str) -> None:
    assert differences(app, people, kind, WHO) == {}


def test_a_wrong_decorator_is_found(app: App, people: People) -> None:
    """As the table is the other half of the comparison, a wrong row stands for a wrong decorator."""
    planted = WHO | {
        "GET /api/v1/staff/audit": May(P.VIEW_ACCOUNTS),
        "GET /api/v1/staff/messages": May(P.VIEW_MESSAGES, fresh=True),
        "GET /api/v1/staff/me": ANYBODY,
    }

    assert differences(app, people, "support_agent", planted) == {
        "GET /api/v1/staff/audit": f"{NOT_ALLOWED} instead of {IN}",
        "GET /api/v1/staff/messages": f"{IN} instead of {CONFIRM}",
    }


@pytest.mark.parametrize("kind", ["person", "virus_analyst", "anonymous"])
@pytest.mark.parametrize(
    "twist",
    [
        lambda path: path + "/",
        lambda path: path.replace("/api/", "/api//"),
        lambda path: path.replace("/staff/", "/staff//"),
        lambda path: path.replace("/staff", "/STAFF"),
        lambda path: path.replace("/staff/", "/%73taff/"),
        lambda path: path.replace("/staff/", "/me/../staff/"),
        lambda path: path.replace("/staff/", "/x/%2e%2e/staff/"),
        lambda path: path + ";x",
        lambda path: path + "%20",
    ],
    ids=["slash", "double", "inner", "case", "encoded", "dots", "coded dots", "semicolon", "blank"],
)
def test_no_other_writing_of_an_address_lets_anybody_in(app: App, people: People, kind: str, twist: Any) -> None:
    caller = KINDS[kind].make(app, people)
    headers = {"Authorization": f"Bearer {caller.token}"} if caller.token else {}
    rights = KINDS[kind].rights or frozenset()
    for route, rule in routes(app):
        may = WHO[route]
        if may is ANYBODY or may.permission in rights:
            continue
        answer = caller.client.open(twist(address(rule)), method=route.partition(" ")[0], headers=headers, **MALFORMED)
        assert answer.status_code in {401, 403, 404, 405}, route


@pytest.mark.parametrize("kind", ["person", "virus_analyst", "anonymous"])
def test_another_method_lets_nobody_in(app: App, people: People, kind: str) -> None:
    caller = KINDS[kind].make(app, people)
    headers = {"Authorization": f"Bearer {caller.token}"} if caller.token else {}
    headers["X-HTTP-Method-Override"] = "GET"
    served = {(route.partition(" ")[0], rule.rule) for route, rule in routes(app)}
    for route, rule in routes(app):
        if not route.partition(" ")[2].startswith("/api/v1/staff"):
            continue
        for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "STAFF"):
            if (method.replace("HEAD", "GET"), rule.rule) in served:
                continue
            answer = caller.client.open(address(rule), method=method, headers=headers)

            assert answer.status_code in {400, 404, 405}, (method, route)
