"""Strict field types for schemas: nothing is guessed, nothing unknown is ignored."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

import marshmallow as ma

from suite.kernel.words import marked as _

# Controls, separators of lines, and marks that turn the direction of what follows: they hide what a text says.
_NO_CONTROLS = r"^[^\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]*$"
_BLANK = r"\u0020\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_NO_CONTROLS_IN_LINES = r"^[^\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]*$"


def _words(allowed: str) -> str:
    """Give the pattern of text of these signs with at least one that is no blank."""
    visible = _NO_CONTROLS.removeprefix("^").replace("]*$", _BLANK + "]")
    return allowed.replace("]*$", "]*") + visible + allowed.removeprefix("^")


_CONTROLS = re.compile(r"[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_RFC3339 = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9:]{8}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})")
_LINES = str.maketrans("", "", "\n\t")
_OTHER_DOTS = "\u3002\uff0e\uff61"


class Schema(ma.Schema):
    """The base of every schema: unknown fields are refused; `example` is shown in the API reference."""

    example: ClassVar[dict[str, Any] | None] = None

    class Meta:
        unknown = ma.RAISE


class OneFieldSchema(Schema):
    """A schema of which exactly one field is given."""

    @ma.validates_schema
    def _one(self, data: dict[str, Any], **_options: Any) -> None:
        if len(data) != 1:
            raise ma.ValidationError(_("Give exactly one of the fields."))


class Text(ma.fields.String):
    """Text without control characters, in NFC, with a length in characters."""

    def __init__(self, *, least: int = 1, most: int = 200, lines: bool = False, **options: Any) -> None:
        checks = [ma.validate.Length(min=least, max=most)]
        given = options.pop("validate", [])
        allowed = _NO_CONTROLS_IN_LINES if lines else _NO_CONTROLS
        pattern = _words(allowed) if least else allowed
        options["metadata"] = {"pattern": pattern, **options.get("metadata", {})}
        super().__init__(validate=[*checks, *(given if isinstance(given, list) else [given])], **options)
        self._lines, self._least = lines, least

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = unicodedata.normalize("NFC", str(super()._deserialize(value, attr, data, **kwargs)))
        if _CONTROLS.search(text.translate(_LINES) if self._lines else text):
            raise ma.ValidationError(_("Control characters are not accepted."))
        if self._least and not text.strip():
            raise ma.ValidationError(_("Blanks alone are no answer."))
        return text


class Secret(ma.fields.String):
    """Text taken as it is: passwords and codes are never trimmed or changed."""

    def __init__(self, *, least: int = 1, most: int = 1024, **options: Any) -> None:
        super().__init__(validate=ma.validate.Length(min=least, max=most), load_only=True, **options)


class Some(ma.fields.List[Any]):
    """A JSON list of `least` to `most` items; a longer one is refused before its items are looked at."""

    def __init__(self, inner: ma.fields.Field[Any], *, most: int, least: int = 0, **options: Any) -> None:
        self._room = ma.validate.Length(min=least or None, max=most)
        super().__init__(inner, validate=self._room, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> list[Any]:
        if isinstance(value, list):
            self._room(value)
        return list(super()._deserialize(value, attr, data, **kwargs))


class WholeNumber(ma.fields.Integer):
    """A JSON integer within bounds; no strings, no fractions, no true."""

    def __init__(self, *, least: int, most: int, **options: Any) -> None:
        super().__init__(validate=ma.validate.Range(min=least, max=most), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.make_error("invalid", input=value)
        return value


class QueryNumber(ma.fields.Integer):
    """A whole number in a query string: ASCII digits only, within bounds."""

    def __init__(self, *, least: int, most: int, **options: Any) -> None:
        super().__init__(validate=ma.validate.Range(min=least, max=most), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        if not isinstance(value, str) or not value.isascii() or not value.isdigit() or len(value) > 9:
            raise self.make_error("invalid", input=value)
        return int(value)


class YesNo(ma.fields.Boolean):
    """Only JSON true and false."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Choice(ma.fields.String):
    """One of a fixed list of code words."""

    def __init__(self, *words: str, **options: Any) -> None:
        super().__init__(validate=ma.validate.OneOf(words), **options)


class CountryCode(ma.fields.String):
    """A country by two letters of ISO 3166; whether data may go there is asked by the story."""

    def __init__(self, **options: Any) -> None:
        metadata = {"pattern": "^[A-Z]{2}$", **options.pop("metadata", {})}
        super().__init__(validate=ma.validate.Regexp(r"^[A-Z]{2}\Z"), metadata=metadata, **options)


class Instant(ma.fields.DateTime):
    """An instant in RFC 3339 with its offset, kept and shown in UTC."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> datetime:
        if not isinstance(value, str) or not _RFC3339.fullmatch(value):
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE)
        try:
            return super()._deserialize(value.upper(), attr, data, **kwargs).astimezone(UTC)
        except OverflowError:
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE) from None

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        if value is None:
            return None
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class EmailAddress(ma.fields.Email):
    """One mail address with an ASCII local part; the domain may be an internationalised name."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.validators = [ma.validate.Length(max=254)]

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = str(super()._deserialize(value, attr, data, **kwargs))
        canonical_email(text)
        return text


def mailable(address: str) -> str:
    """Give an address as mail servers take it: the domain as IDNA A-labels, the local part as it was given."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{canonical_email(f'x@{domain}').partition('@')[2]}"


def mailbox(key: str) -> str:
    """Give the one box behind a canonical address: what stands after a plus is written by whoever likes.

    Only limits on what is mailed ask this; for everything else each address is another one.
    """
    local, _, domain = key.rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}"


def _stands_for_ascii(character: str) -> bool:
    return not character.isascii() and (character in _OTHER_DOTS or unicodedata.normalize("NFKC", character).isascii())


def canonical_email(text: str) -> str:
    """Give the one form under which an address is known.

    The local part must be ASCII and is lower-cased; dots and plus signs stay, they mean different boxes at
    some providers. The domain becomes its IDNA A-label in lower case. Signs that only stand for ASCII ones, such
    as the Kelvin sign or a full-width letter, are refused: they would be a second writing of another's address.
    A ValidationError says no.
    """
    from email_validator import EmailNotValidError, validate_email  # 30 ms that no start has to wait for

    if any(_stands_for_ascii(character) for character in text):
        raise ma.ValidationError(_("This is no usable e-mail address."))
    try:
        found = validate_email(text, check_deliverability=False, allow_smtputf8=False, strict=False)
    except EmailNotValidError:
        raise ma.ValidationError(_("This is no usable e-mail address.")) from None
    domain = (found.ascii_domain or "").lower()
    if not found.local_part.isascii() or text != text.strip() or domain.endswith(".") or "[" in domain:
        raise ma.ValidationError(_("This is no usable e-mail address."))
    return f"{found.local_part.lower()}@{domain}"
