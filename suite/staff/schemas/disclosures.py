"""What goes in and out where a law demands data of a person."""

import marshmallow as ma

from suite.factors.schemas import ID
from suite.kernel.fields import Choice, CountryCode, Instant, Schema, Some, Text
from suite.kernel.paging import PageOut
from suite.privacy import HANDED_TO_AUTHORITIES

_LAW = {"description": "The law and its paragraph that oblige us, such as § 100j StPO."}
_REFERENCE = {"description": "The authority's own reference."}
_COUNTRY = {"description": "Where the authority is, by ISO 3166."}
_CATEGORIES = {"description": "Kinds of data, as declared for the recipient `authorities` in the catalogue."}


class DemandIn(Schema):
    """What a law demands about whom; a ban on telling the person names its law and its end."""

    example = {
        "account_id": "019ab0c2-8a5e-7c3b-9d52-6f1f8a0b7c4d",
        "law": "§ 100j StPO",
        "authority": "Staatsanwaltschaft Ingolstadt",
        "reference": "12 Js 3456/26",
        "country": "DE",
        "categories": ["user.contact.email"],
    }

    account_id = ma.fields.UUID(required=True, metadata=ID)
    law = Text(most=200, required=True, metadata=_LAW)
    authority = Text(most=200, required=True)
    reference = Text(most=200, required=True, metadata=_REFERENCE)
    country = CountryCode(required=True, metadata=_COUNTRY)
    categories = Some(
        Choice(*HANDED_TO_AUTHORITIES), least=1, most=len(HANDED_TO_AUTHORITIES), required=True, metadata=_CATEGORIES
    )
    silent_law = Text(most=200, metadata={"description": "The law that forbids telling the person."})
    silent_until = Instant(metadata={"description": "When that ban ends; then the person is told.", "maxLength": 40})


class DemandOut(Schema):
    """A demand and how far it got, without whom it is about."""

    id = ma.fields.UUID(required=True, metadata=ID)
    state = ma.fields.String(required=True, metadata={"description": "proposed, approved, refused or carried_out."})
    law = ma.fields.String(required=True, metadata=_LAW)
    authority = ma.fields.String(required=True)
    reference = ma.fields.String(required=True, metadata=_REFERENCE)
    country = ma.fields.String(required=True, metadata=_COUNTRY)
    categories = ma.fields.Function(
        lambda row: row.categories.split(),
        required=True,
        metadata={"type": "array", "items": {"type": "string"}} | _CATEGORIES,
    )
    proposed_at = Instant(required=True)
    approved_at = Instant(required=True, allow_none=True)
    refused_at = Instant(required=True, allow_none=True)
    carried_out_at = Instant(required=True, allow_none=True)
    silent_until = Instant(required=True, allow_none=True)
    told_at = Instant(required=True, allow_none=True, metadata={"description": "When the person was told."})


class DemandViewOut(DemandOut):
    """A demand and the account it is about."""

    account_id = ma.fields.UUID(required=True, attribute="person_id", metadata=ID)


class DemandsOut(PageOut):
    """Demands, newest first."""

    disclosures = ma.fields.List(ma.fields.Nested(DemandOut), required=True)
