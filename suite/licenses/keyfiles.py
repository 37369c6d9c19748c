"""Key files: a signed file that stands for the activation code of a licence. None of it is ever kept."""

from codecs import BOM_UTF8
from datetime import datetime
from uuid import UUID

from suite.kernel import audit, clock, db
from suite.kernel.errors import NotFound
from suite.licenses import files
from suite.licenses.errors import LicenseVoid, NoKeyFile
from suite.licenses.models import License


def make(license_id: UUID) -> str:
    """Write the key file of a licence; a voided one gets none."""
    found = db.session.get(License, license_id)
    if found is None:
        raise NotFound
    if found.voided_at is not None:
        raise LicenseVoid
    audit.write("license.key_file_made", license=str(found.id))
    return files.for_holder(found)


def read(text: str) -> License | None:
    """Give the licence a key file stands for; None for whatever is no key file of ours that still counts.

    A file made for another code of the licence counts no more: with the code the file is replaced too.
    """
    told = files.read(text)
    if told is None or told["purpose"] != files.KEY or datetime.fromisoformat(told["trusted_until"]) <= clock.now():
        return None
    found = db.session.get(License, UUID(told["license"]))
    return found if found is not None and found.code_tail == told["tail"] else None


def text_of(uploaded: bytes) -> str:
    """Give the text of an uploaded key file; what is meant to be none is told so and counts as no try.

    The mark some editors put before a text is no part of it.
    """
    text = uploaded.removeprefix(BOM_UTF8).decode("ascii", "replace")
    if not files.is_one(text):
        raise NoKeyFile
    return text
