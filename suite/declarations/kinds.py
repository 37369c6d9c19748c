"""Kinds: column types that say what personal data they hold.

A model writes `address: Mapped[Email]`; the type brings the SQL type, the data category (a fideslang
3.1.4 key or a child of one), the words for the notice and the way logs hide it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import JSON, Boolean, DateTime, Integer, LargeBinary, String, Uuid
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import mapped_column
from sqlalchemy.schema import Column
from sqlalchemy.types import TypeDecorator


@dataclass(frozen=True)
class Kind:
    """What a column holds.

    `personal` is true when the value is about a person; `secret` values never leave the store, not
    even in an export (a password hash tells its owner nothing).
    """

    name: str
    category: str
    says: str
    personal: bool = True
    secret: bool = False


_ALL: dict[str, Kind] = {}


def _kind(name: str, category: str, says: str, **options: bool) -> dict[str, Any]:
    _ALL[name] = Kind(name, category, says, **options)
    return {"kind": _ALL[name]}


def kinds() -> Iterator[Kind]:
    """Give every kind there is."""
    return iter(_ALL.values())


def kind_named(name: str) -> Kind:
    """Give the kind of that name; an unknown name is a KeyError."""
    return _ALL[name]


def kind_of(column: Column[Any]) -> Kind | None:
    """Give the kind a column was declared with."""
    kind = column.info.get("kind")
    return kind if isinstance(kind, Kind) else None


class UtcDateTime(TypeDecorator[datetime]):
    """An instant with its offset in Python, always UTC in the database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A stored instant needs an offset.")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# --- about a person -------------------------------------------------------------------------------

PersonId = Annotated[UUID, mapped_column(Uuid(), info=_kind("person_id", "user.unique_id", "internal account number"))]
Email = Annotated[str, mapped_column(String(254), info=_kind("email", "user.contact.email", "e-mail address"))]
EmailKey = Annotated[
    str,
    mapped_column(String(254), info=_kind("email_key", "user.account.username", "e-mail address as user name")),
]
PasswordHash = Annotated[
    str,
    mapped_column(
        String(255),
        info=_kind("password", "user.authorization.password", "password, stored only as a hash", secret=True),
    ),
]
Credential = Annotated[
    str,
    mapped_column(
        String(128),
        info=_kind(
            "credential",
            "user.authorization.credentials",
            "security codes and sign-in tokens, stored only as hashes",
            secret=True,
        ),
    ),
]
SealedSecret = Annotated[
    bytes,
    mapped_column(
        LargeBinary,
        info=_kind(
            "sealed_secret",
            "user.authorization.credentials",
            "secret of a second factor, encrypted",
            secret=True,
        ),
    ),
]
SealedPhone = Annotated[
    bytes,
    mapped_column(
        LargeBinary,
        info=_kind(
            "sealed_phone",
            "user.contact.phone_number",
            "mobile phone number for security codes, encrypted",
        ),
    ),
]
FactorName = Annotated[
    str,
    mapped_column(String(64), info=_kind("factor_name", "user.account.settings", "name you gave a second factor")),
]
UserName = Annotated[str, mapped_column(String(64), info=_kind("user_name", "user.account.username", "user name"))]
FirstName = Annotated[str, mapped_column(String(100), info=_kind("first_name", "user.name.first", "first name"))]
LastName = Annotated[str, mapped_column(String(100), info=_kind("last_name", "user.name.last", "last name"))]
FullName = Annotated[str, mapped_column(String(200), info=_kind("full_name", "user.name", "name"))]
CompanyName = Annotated[
    str,
    mapped_column(String(200), info=_kind("company_name", "user.contact.organization", "company name")),
]
Country = Annotated[
    str,
    mapped_column(String(2), info=_kind("country", "user.contact.address.country", "country")),
]
Street = Annotated[
    str,
    mapped_column(String(200), info=_kind("street", "user.contact.address.street", "street and number")),
]
City = Annotated[str, mapped_column(String(100), info=_kind("city", "user.contact.address.city", "city"))]
PostalCode = Annotated[
    str,
    mapped_column(String(20), info=_kind("postal_code", "user.contact.address.postal_code", "postal code")),
]
Language = Annotated[
    str,
    mapped_column(String(8), info=_kind("language", "user.demographic.language", "language")),
]
UserAgent = Annotated[
    str,
    mapped_column(String(200), info=_kind("user_agent", "user.device", "browser or application used")),
]
AccessTime = Annotated[
    datetime,
    mapped_column(UtcDateTime, info=_kind("access_time", "user.behavior", "time of access")),
]
Membership = Annotated[
    str,
    mapped_column(String(40), info=_kind("membership", "user.account", "services you joined")),
]
Choice = Annotated[
    str,
    mapped_column(String(64), info=_kind("choice", "user.privacy_preferences", "consents given and withdrawn")),
]
Handover = Annotated[
    str,
    mapped_column(String(80), info=_kind("handover", "user.account", "who received data about you, where and why")),
]
HandedOver = Annotated[
    str,
    mapped_column(String(2000), info=_kind("handed_over", "user.account", "kinds of data that were handed over")),
]
LegalGround = Annotated[
    str,
    mapped_column(
        String(200),
        info=_kind("legal_ground", "user.account", "the law that demands data, the authority and its reference"),
    ),
]
Choices = Annotated[
    list[str],
    mapped_column(JSON, info=_kind("choices", "user.privacy_preferences", "consents given at registration")),
]
SealedRecipient = Annotated[
    bytes,
    mapped_column(
        LargeBinary,
        info=_kind("sealed_recipient", "user.contact", "where a message goes, encrypted"),
    ),
]
SealedText = Annotated[
    bytes,
    mapped_column(
        LargeBinary,
        info=_kind("sealed_text", "user.content.private", "text of a message to you, encrypted"),
    ),
]
InboxText = Annotated[
    str,
    mapped_column(
        String(20000),
        info=_kind("inbox_text", "user.content.private", "message in the development inbox"),
    ),
]
SealedFields = Annotated[
    bytes,
    mapped_column(
        LargeBinary,
        info=_kind("sealed_fields", "user.account", "what you told us to join a company, encrypted"),
    ),
]
SealedEvent = Annotated[
    bytes,
    mapped_column(
        LargeBinary,
        info=_kind("sealed_event", "user.account", "what a connected system is told about your account, encrypted"),
    ),
]
SealedRequest = Annotated[
    bytes,
    mapped_column(
        LargeBinary,
        info=_kind(
            "sealed_request",
            "user.content.private",
            "what you ask about your data and what you are answered, encrypted",
        ),
    ),
]
SealedReference = Annotated[
    bytes,
    mapped_column(
        LargeBinary,
        info=_kind(
            "sealed_reference",
            "user.unique_id",
            "number under which somebody outside knows you, encrypted",
        ),
    ),
]
ThirdParty = Annotated[
    str,
    mapped_column(
        String(200),
        info=_kind("third_party", "user.contact.organization", "whom you want to hand your data to"),
    ),
]
SealedAnswer = Annotated[
    bytes,
    mapped_column(
        LargeBinary,
        info=_kind("sealed_answer", "user.account", "answer kept to make a repeated request safe"),
    ),
]

# --- what services add to an account --------------------------------------------------------------

Phone = Annotated[
    str,
    mapped_column(String(16), info=_kind("phone", "user.contact.phone_number", "mobile phone number")),
]
ContactPhone = Annotated[
    str,
    mapped_column(String(16), info=_kind("contact_phone", "user.contact.phone_number", "phone number")),
]
SecurityQuestion = Annotated[
    str,
    mapped_column(
        String(40),
        info=_kind("security_question", "user.authorization.credentials", "chosen security question"),
    ),
]
SecurityAnswer = Annotated[
    str,
    mapped_column(
        String(255),
        info=_kind(
            "security_answer",
            "user.authorization.credentials",
            "answer to the security question, stored only as a hash",
            secret=True,
        ),
    ),
]
LicenseNumber = Annotated[
    str,
    mapped_column(
        String(100),
        info=_kind("license_number", "user.account.license", "licences, their numbers and activation codes"),
    ),
]
_ACCESS_RIGHT = _kind("access_right", "user.authorization", "access rights and roles")
AccessRight = Annotated[str, mapped_column(String(40), info=_ACCESS_RIGHT)]
AccessRights = Annotated[list[str], mapped_column(JSON, info=_ACCESS_RIGHT)]
DeviceName = Annotated[
    str,
    mapped_column(
        String(100), info=_kind("device", "user.device", "devices you connect and the state of products on them")
    ),
]
OtherEmail = Annotated[
    str,
    mapped_column(String(254), info=_kind("other_email", "user.contact.email", "third-party e-mail addresses you add")),
]
Purchase = Annotated[
    str,
    mapped_column(
        String(80), info=_kind("purchases", "user.behavior.purchase_history", "purchase history and contracts")
    ),
]

Preferences = Annotated[
    dict[str, Any],
    mapped_column(JSON, info=_kind("preferences", "user.account.settings", "your preferences")),
]

# Services promise these by name; the module that keeps one gives it its column type here.
_kind("managed_device_data", "user.telemetry", "data that managed devices transmit")
_kind("workspace_text", "user.content.private", "data you enter in a workspace")
_kind("support_text", "user.content.private.support", "what you tell technical support")
_kind("attachment", "user.content.private.attachment", "files you send: names, metadata and contents")
_kind("message_text", "user.content.private", "text of your query")
_kind("comment", "user.content.public", "comments to other users")
_kind("rating", "user.content.opinion", "rating of technical support")
_kind("recommendation", "user.content.opinion", "recommendations you give")
_kind("card_expiry", "user.financial.credit_card.expiry", "expiration date of the bank card")
_kind("card_last_four", "user.financial.credit_card.last_four", "last 4 symbols of the bank card number")
_kind("store_link", "user.authorization.credentials", "user id and password of the store link", secret=True)
_kind("cloud_grant", "user.authorization.credentials", "permission given by OAuth 2.0", secret=True)
_kind(
    "admin_credentials",
    "user.authorization.credentials",
    "administrator credentials, used once and never saved",
    secret=True,
)
_kind("scanned_content", "user.content.private", "messages and files scanned and never saved", secret=True)
_kind("system_report", "user.device.system_report", "report about hardware, software and connections")
_kind("client_environment", "user.device", "browser, device, operating system and network provider")
_kind("application_use", "user.behavior", "which applications are used and how")
_kind("visited_pages", "user.behavior.browsing_history", "pages visited, time on them and the page before")
_kind("site_searches", "user.behavior.search_history", "searches on the site")
_kind("ip_address", "user.device.ip_address", "IP address")
_kind("form_date", "user.behavior", "UTC date of a form")

# --- about the running of the system, and of nobody ------------------------------------------------

RowId = Annotated[
    UUID,
    mapped_column(Uuid(), info=_kind("row_id", "system.operations", "row number", personal=False)),
]
Moment = Annotated[
    datetime,
    mapped_column(UtcDateTime, info=_kind("moment", "system.operations", "time of an entry", personal=False)),
]
Label = Annotated[
    str,
    mapped_column(String(80), info=_kind("label", "system.operations", "stable code word", personal=False)),
]
Counter = Annotated[
    int,
    mapped_column(Integer, info=_kind("counter", "system.operations", "count", personal=False)),
]
Flag = Annotated[
    bool,
    mapped_column(Boolean, info=_kind("flag", "system.operations", "yes or no", personal=False)),
]
Digest = Annotated[
    str,
    mapped_column(String(64), info=_kind("digest", "system.operations", "checksum", personal=False)),
]
Pseudonym = Annotated[
    str,
    mapped_column(
        String(64),
        info=_kind(
            "pseudonym",
            "user.unique_id.pseudonymous",
            "keyed hash that names nobody without the key",
            personal=False,
        ),
    ),
]
CodeHash = Annotated[
    str,
    mapped_column(
        # ordered by its bytes, so that an index tells which key millions of them need
        String(64).with_variant(String(64, collation="C"), "postgresql"),
        info=_kind("code_hash", "system.operations", "keyed hash of an activation code, about nobody", personal=False),
    ),
]
Facts = Annotated[
    dict[str, Any],
    mapped_column(JSON, info=_kind("facts", "system.operations", "codes, counts and row numbers", personal=False)),
]
Published = Annotated[
    dict[str, Any],
    mapped_column(JSON, info=_kind("published", "system.operations", "what was published", personal=False)),
]
FileKey = Annotated[
    str,
    mapped_column(String(64), info=_kind("file_key", "system.operations", "place of a stored file", personal=False)),
]
Labels = Annotated[
    list[str],
    mapped_column(JSON, info=_kind("labels", "system.operations", "stable code words", personal=False)),
]
Note = Annotated[
    str,
    mapped_column(
        String(200), info=_kind("note", "system.operations", "what the operator calls something", personal=False)
    ),
]
OrganisationName = Annotated[
    str,
    mapped_column(
        String(200), info=_kind("organisation_name", "system.operations", "name of a company", personal=False)
    ),
]
Domain = Annotated[
    str,
    mapped_column(String(253), info=_kind("domain", "system.operations", "internet domain", personal=False)),
]
PublicKey = Annotated[
    str,
    mapped_column(String(64), info=_kind("public_key", "system.operations", "published key", personal=False)),
]
WebAddress = Annotated[
    str,
    mapped_column(
        String(500), info=_kind("web_address", "system.operations", "address of a connected system", personal=False)
    ),
]
SealedKey = Annotated[
    bytes,
    mapped_column(
        LargeBinary,
        info=_kind(
            "sealed_key",
            "system.operations",
            "secret shared with a connected system, encrypted",
            personal=False,
            secret=True,
        ),
    ),
]
