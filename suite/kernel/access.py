"""Who is calling and what they may do.

Each route says it on its own: `@public`, or `@allow(Permission.X)`, with `@fresh` for sensitive acts. A
route that says nothing is refused at the start.
"""

from collections.abc import Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import wraps
from typing import Any, TypeVar, cast
from uuid import UUID

from suite.kernel import clock
from suite.kernel.errors import NotAllowed, Refusal, SignInAgain, SignInNeeded

FRESH_FOR = timedelta(minutes=5)

F = TypeVar("F", bound=Callable[..., Any])


class Permission(StrEnum):
    """Everything that can be allowed; the table below says to whom."""

    OWN_ACCOUNT = "own_account"
    OWN_SESSIONS = "own_sessions"
    OWN_SERVICES = "own_services"
    OWN_FACTORS = "own_factors"
    OWN_LICENSES = "own_licenses"
    OWN_COMPANY = "own_company"

    # What roles of staff members allow; suite/staff/roles.py says which.
    OWN_STAFF_ACCESS = "own_staff_access"
    VIEW_ACCOUNTS = "view_accounts"
    BLOCK_ACCOUNTS = "block_accounts"
    END_SESSIONS = "end_sessions"
    RESEND_MESSAGES = "resend_messages"
    VIEW_MESSAGES = "view_messages"
    RETRY_MESSAGES = "retry_messages"
    READ_AUDIT = "read_audit"
    MANAGE_STAFF = "manage_staff"
    ANSWER_SUPPORT = "answer_support"
    ANALYSE_FILES = "analyse_files"
    HANDLE_PRIVACY_REQUESTS = "handle_privacy_requests"
    APPROVE_DISCLOSURES = "approve_disclosures"
    MANAGE_WEBHOOKS = "manage_webhooks"
    READ_STATISTICS = "read_statistics"
    VIEW_LICENSES = "view_licenses"
    MANAGE_LICENSES = "manage_licenses"
    VIEW_COMPANIES = "view_companies"
    RECORD_CONTRACTS = "record_contracts"
    MANAGE_PRODUCTS = "manage_products"


class ActorKind(StrEnum):
    """Kinds of callers."""

    NOBODY = "nobody"
    ACCOUNT = "account"
    STAFF = "staff"
    DEVICE = "device"
    SYSTEM = "system"


PERMISSIONS: dict[ActorKind, frozenset[Permission]] = {
    ActorKind.NOBODY: frozenset(),
    ActorKind.ACCOUNT: frozenset(
        {
            Permission.OWN_ACCOUNT,
            Permission.OWN_SESSIONS,
            Permission.OWN_SERVICES,
            Permission.OWN_FACTORS,
            Permission.OWN_LICENSES,
            Permission.OWN_COMPANY,
        }
    ),
    ActorKind.STAFF: frozenset({Permission.OWN_STAFF_ACCESS}),
    ActorKind.DEVICE: frozenset(),
    ActorKind.SYSTEM: frozenset(),
}

NEEDED_FOR: dict[Permission, str] = {
    Permission.OWN_STAFF_ACCESS: "internal_tools",
    Permission.VIEW_ACCOUNTS: "technical_support",
    Permission.BLOCK_ACCOUNTS: "protect_accounts",
    Permission.END_SESSIONS: "protect_accounts",
    Permission.RESEND_MESSAGES: "technical_support",
    Permission.VIEW_MESSAGES: "technical_support",
    Permission.RETRY_MESSAGES: "service_notifications",
    Permission.READ_AUDIT: "protect_accounts",
    Permission.MANAGE_STAFF: "internal_tools",
    Permission.ANSWER_SUPPORT: "technical_support",
    Permission.ANALYSE_FILES: "protect_users",
    Permission.HANDLE_PRIVACY_REQUESTS: "legal_obligation",
    Permission.APPROVE_DISCLOSURES: "disclosure_by_law",
    Permission.MANAGE_WEBHOOKS: "provide_service",
    Permission.READ_STATISTICS: "traffic_statistics",
    Permission.VIEW_LICENSES: "technical_support",
    Permission.MANAGE_LICENSES: "provide_service",
    Permission.VIEW_COMPANIES: "technical_support",
    Permission.RECORD_CONTRACTS: "provide_service",
    Permission.MANAGE_PRODUCTS: "provide_service",
}
"""The purpose that needs each permission of a staff member: need to know, and for nothing else (REC-2, REC-3)."""


@dataclass(frozen=True)
class Actor:
    """Who is calling: an account, a staff member, a device, the system itself, or nobody.

    `allowed` is what this one caller may do besides: what the roles of a staff member say.
    """

    kind: ActorKind = ActorKind.NOBODY
    id: UUID | None = None
    session_id: UUID | None = None
    fresh_at: datetime | None = None
    csrf: str | None = None
    facts: Any = None
    allowed: frozenset[Permission] = frozenset()

    @property
    def permissions(self) -> frozenset[Permission]:
        """What this caller may do."""
        return PERMISSIONS[self.kind] | self.allowed


NOBODY = Actor()
SYSTEM = Actor(kind=ActorKind.SYSTEM)

_actor: ContextVar[Actor | Callable[[], Actor]] = ContextVar("actor", default=SYSTEM)
_request_id: ContextVar[str | None] = ContextVar("request_id", default=None)


def actor() -> Actor:
    """Give the caller; the credential is looked up at the first question of a request."""
    found = _actor.get()
    if not isinstance(found, Actor):
        found = found()
        _actor.set(found)
    return found


def request_id() -> str | None:
    """Give the id of the present request, None outside one."""
    return _request_id.get()


def begin(caller: Actor | Callable[[], Actor], request: str | None) -> None:
    """Set who is calling; a callable is asked only when somebody wants to know."""
    _actor.set(caller)
    _request_id.set(request)


def person_id() -> UUID:
    """Give the signed-in person's id; a stranger is refused."""
    found = actor().id
    if found is None:
        raise SignInNeeded
    return found


@dataclass(frozen=True)
class Rule:
    """What a route said about its callers."""

    permissions: tuple[Permission, ...] = ()
    fresh: bool = False

    @property
    def public(self) -> bool:
        """Whether anybody may call."""
        return not self.permissions

    def refusals(self) -> Iterable[type[Refusal]]:
        """Give the refusals that follow from the rule, for the API description."""
        if not self.public:
            yield from (SignInNeeded, NotAllowed)
        if self.fresh:
            yield SignInAgain


def rule_of(view: Callable[..., Any]) -> Rule | None:
    """Give the rule a view was decorated with."""
    return getattr(view, "access_rule", None)


def public(view: F) -> F:
    """Let anybody call."""
    return _ruled(view, Rule())


def allow(*permissions: Permission) -> Callable[[F], F]:
    """Let callers call who have all these permissions; strangers get 401 before the body is read."""
    if not permissions:
        raise ValueError("allow() needs a permission; a route for everybody is @public.")

    def decorate(view: F) -> F:
        inner: Rule | None = rule_of(view)

        @wraps(view)
        def checked(*args: Any, **kwargs: Any) -> Any:
            caller = actor()
            if caller.kind is ActorKind.NOBODY:
                raise SignInNeeded
            if not caller.permissions.issuperset(permissions):
                raise NotAllowed
            return view(*args, **kwargs)

        return _ruled(cast("F", checked), Rule(permissions, fresh=bool(inner and inner.fresh)))

    return decorate


def fresh(view: F) -> F:
    """Ask for a confirmation within the last five minutes, by the strongest thing there is; stands below `allow`."""

    @wraps(view)
    def checked(*args: Any, **kwargs: Any) -> Any:
        if not confirmed_lately():
            raise SignInAgain
        return view(*args, **kwargs)

    return _ruled(cast("F", checked), Rule(fresh=True))


def confirmed_lately() -> bool:
    """Say whether the caller confirmed in the last five minutes that it is them."""
    confirmed = actor().fresh_at
    return confirmed is not None and clock.now() - confirmed <= FRESH_FOR


def _ruled(view: F, rule: Rule) -> F:
    """Put the rule on the view, and where flask-smorest collects what a route says."""
    view.access_rule = rule  # type: ignore[attr-defined]
    view._apidoc = {**getattr(view, "_apidoc", {}), "access": rule}  # type: ignore[attr-defined]  # noqa: SLF001
    return view
