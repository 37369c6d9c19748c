"""What the data categories are called when people are told who receives them."""

from collections.abc import Mapping
from typing import Final

_SAYS: Final[Mapping[str, str]] = {
    "user.account": "services you joined and your account's state",
    "user.account.license": "licences",
    "user.account.settings": "settings and preferences",
    "user.account.username": "user name",
    "user.authorization": "access rights",
    "user.authorization.credentials": "security codes and links",
    "user.behavior": "times of access",
    "user.behavior.browsing_history": "pages visited",
    "user.behavior.purchase_history": "purchases and contracts",
    "user.behavior.search_history": "searches",
    "user.contact": "where messages reach you",
    "user.contact.address.city": "city",
    "user.contact.address.country": "country",
    "user.contact.address.postal_code": "postal code",
    "user.contact.address.street": "street and number",
    "user.contact.email": "e-mail address",
    "user.contact.organization": "company name",
    "user.contact.phone_number": "phone number",
    "user.content.opinion": "ratings and recommendations",
    "user.content.private": "texts of messages",
    "user.content.private.attachment": "files you send",
    "user.content.private.support": "what you tell technical support",
    "user.content.public": "comments to other users",
    "user.demographic.language": "language",
    "user.device": "devices and browsers",
    "user.device.ip_address": "IP address",
    "user.device.system_report": "reports about a computer",
    "user.financial.credit_card.expiry": "expiration date of the bank card",
    "user.financial.credit_card.last_four": "last 4 symbols of the bank card number",
    "user.name": "name",
    "user.name.first": "first name",
    "user.name.last": "last name",
    "user.privacy_preferences": "consents and choices",
    "user.telemetry": "data that managed devices transmit",
    "user.unique_id": "internal account number",
}


def in_words(category: str) -> str:
    """Give the words for a fideslang category; one without words is written out: `contact: address`."""
    written = category.removeprefix("user.").replace("_", " ").replace(".", ": ", 1).replace(".", ", ")
    return _SAYS.get(category, written)
