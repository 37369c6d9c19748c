"""Web beacons: an image of this server in pages and mails, only for people who said yes to being measured so."""

from uuid import UUID

from suite.privacy import may

PURPOSE = "campaign_statistics"


def beacons_allowed(person_id: UUID) -> bool:
    """Say whether a mail to a person may hold a web beacon at this moment (COO-16); pages ask `cookie_consented`."""
    return may(person_id, PURPOSE)
