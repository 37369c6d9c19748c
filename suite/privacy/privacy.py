"""What the kernel and the privacy ground themselves declare."""

from suite.declarations import Declaration, Period, Reason, Recipient, Store, kinds
from suite.declarations.purposes import CONSENTS, PURPOSES, purposes
from suite.kernel.models import answer_stored, entry_written, tick_fired, window_over
from suite.privacy.legal import AUTHORITIES, PURPOSE
from suite.privacy.models import STONES_LAST, stone_written

HANDED_TO_AUTHORITIES = tuple(sorted({kind.category for kind in kinds() if kind.personal and not kind.secret}))
"""The kinds of data a law may demand; secrets, stored only as hashes or encrypted, are of no use to anybody."""

declaration = Declaration(
    module="privacy",
    purposes=tuple(PURPOSES.values()),
    consents=tuple(CONSENTS.values()),
    stores=(
        Store("logs", "log lines without personal data", Period(days=30)),
        Store("doomed_files", "files whose row was deleted, which are deleted right after", Period()),
        Store("journal", "copies of the receipts of erasures and choices", STONES_LAST),
    ),
    recipients=(
        Recipient(
            AUTHORITIES,
            "courts and authorities, where a named law demands it and two of us have approved",
            category="other services",
            receives=HANDED_TO_AUTHORITIES,
            purposes=purposes(PURPOSE),
            country="DE",
            safeguard="the law that demands it, the approval of two people and an entry in the ledger",
            reason=Reason.LEGAL_OBLIGATION,
            rules="the law that demands the data",
            keeps=True,
        ),
    ),
    announces={
        entry_written: "audit_entries.at",
        answer_stored: "idempotency_keys.created_at",
        tick_fired: "job_ticks.tick",
        window_over: "limits.ends_at",
        stone_written: "tombstones.at",
    },
)
