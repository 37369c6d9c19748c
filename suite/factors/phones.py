"""Phone numbers: one form (E.164), mobile numbers only."""

from dataclasses import dataclass, field

from suite.factors.errors import PhoneNotUsable
from suite.messages import PhoneNumber


@dataclass(frozen=True)
class Phone:
    """A mobile number in E.164 with its country (ISO 3166-1, "ZZ" for none)."""

    number: PhoneNumber = field(repr=False)
    country: str

    @property
    def prefix(self) -> str:
        """The number without its last four digits: numbers that are bought together share it."""
        return str(self.number)[:-4]

    @property
    def hint(self) -> str:
        """The last two digits, enough for the owner to know which phone it is."""
        return f"•• {str(self.number)[-2:]}"


def read(text: str) -> Phone:
    """Read a number as a person typed it in international form; refuse what no text message reaches."""
    import phonenumbers  # 40 ms that no start has to wait for

    try:
        parsed = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        raise PhoneNotUsable from None
    kinds = phonenumbers.PhoneNumberType
    plain = parsed.extension is None and text.isascii()
    if not plain or not phonenumbers.is_valid_number(parsed):
        raise PhoneNotUsable
    if phonenumbers.number_type(parsed) not in {kinds.MOBILE, kinds.FIXED_LINE_OR_MOBILE}:
        raise PhoneNotUsable
    return stored(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


def stored(number: str) -> Phone:
    """Give a number as it was kept; it stays a factor even if numbering plans changed since."""
    import phonenumbers  # as above

    parsed = phonenumbers.parse(number, None)
    country = phonenumbers.region_code_for_number(parsed)
    return Phone(PhoneNumber(number), country or phonenumbers.region_code_for_country_code(parsed.country_code or 0))
