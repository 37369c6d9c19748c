"""What the kernel and the privacy ground themselves declare."""

from suite.declarations import Declaration, Period, Store
from suite.declarations.purposes import CONSENTS, PURPOSES
from suite.kernel.models import answer_stored, entry_written, tick_fired, window_over
from suite.privacy.models import STONES_LAST, stone_written

declaration = Declaration(
    module="privacy",
    purposes=tuple(PURPOSES.values()),
    consents=tuple(CONSENTS.values()),
    stores=(
        Store("logs", "log lines without personal data", Period(days=30)),
        Store("doomed_files", "files whose row was deleted, which are deleted right after", Period()),
        Store("journal", "copies of the receipts of erasures and choices", STONES_LAST),
    ),
    announces={
        entry_written: "audit_entries.at",
        answer_stored: "idempotency_keys.created_at",
        tick_fired: "job_ticks.tick",
        window_over: "limits.ends_at",
        stone_written: "tombstones.at",
    },
)
