"""Requests about personal data, people who ask without signing in, recipients still to be told."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_PERSON = "people.id"
_OPEN, _CLOSED = "closed_at IS NULL", "closed_at IS NOT NULL"
_WORKING, _WAITING = "'received', 'in_progress'", "'awaiting_identity', 'awaiting_information'"
_ENDED = "'fulfilled', 'partly_fulfilled', 'refused', 'withdrawn'"
_MOMENT = sa.DateTime(timezone=True)
_CHECKS = {
    "closed": f"(state NOT IN ({_ENDED}) OR closed_at IS NOT NULL) "
    f"AND (state NOT IN ({_WORKING}, {_WAITING}) OR closed_at IS NULL)",
    "waiting": f"(state NOT IN ({_WAITING}) OR waiting_since IS NOT NULL) "
    f"AND (state NOT IN ({_WORKING}, {_ENDED}) OR waiting_since IS NULL)",
    "refusal": "(state = 'refused') = (refusal IS NOT NULL)",
    "fee": "(fee_cents IS NULL) = (fee_reason IS NULL)",
    "extension": "(extended_at IS NULL) = (extension IS NULL)",
    "withdrawal_is_free": "kind <> 'consent_withdrawal' OR (refusal IS NULL AND fee_cents IS NULL)",
}


def upgrade() -> None:
    op.create_table(
        "rights_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("service", sa.String(length=40), nullable=True),
        sa.Column("about", sa.String(length=64), nullable=True),
        sa.Column("text", sa.LargeBinary(), nullable=True),
        sa.Column("recipient", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(length=80), nullable=False),
        sa.Column("received_at", _MOMENT, nullable=False),
        sa.Column("due_at", _MOMENT, nullable=False),
        sa.Column("waiting_since", _MOMENT, nullable=True),
        sa.Column("waited", sa.Integer(), nullable=False),
        sa.Column("question", sa.LargeBinary(), nullable=True),
        sa.Column("information", sa.LargeBinary(), nullable=True),
        sa.Column("reply_hash", sa.String(length=128), nullable=True),
        sa.Column("extension", sa.String(length=80), nullable=True),
        sa.Column("extended_at", _MOMENT, nullable=True),
        sa.Column("refusal", sa.String(length=80), nullable=True),
        sa.Column("fee_reason", sa.String(length=80), nullable=True),
        sa.Column("fee_cents", sa.Integer(), nullable=True),
        sa.Column("result", sa.String(length=80), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("handler", sa.String(length=64), nullable=True),
        sa.Column("closed_at", _MOMENT, nullable=True),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_rights_requests_{name}")) for name, rule in _CHECKS.items()),
        sa.ForeignKeyConstraint(
            ["person_id"], [_PERSON], name=op.f("fk_rights_requests_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rights_requests")),
        sa.UniqueConstraint("reply_hash", name=op.f("uq_rights_requests_reply_hash")),
    )
    op.create_index("ix_rights_requests_person_id", "rights_requests", ["person_id", "id"])
    op.create_index("ix_rights_requests_state", "rights_requests", ["state", "due_at", "id"])
    op.create_index(
        "ix_rights_requests_open",
        "rights_requests",
        ["due_at", "id"],
        postgresql_where=sa.text(_OPEN),
        sqlite_where=sa.text(_OPEN),
    )
    op.create_index(
        "ix_rights_requests_closed_at",
        "rights_requests",
        ["closed_at"],
        postgresql_where=sa.text(_CLOSED),
        sqlite_where=sa.text(_CLOSED),
    )
    op.create_table(
        "rights_requesters",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=True),
        sa.Column("link_hash", sa.String(length=128), nullable=True),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.Column("unproven_since", _MOMENT, nullable=True),
        sa.Column("answered_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["id"], [_PERSON], name=op.f("fk_rights_requesters_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rights_requesters")),
        sa.UniqueConstraint("link_hash", name=op.f("uq_rights_requesters_link_hash")),
    )
    op.create_index("ix_rights_requesters_unproven_since", "rights_requesters", ["unproven_since"])
    op.create_index("ix_rights_requesters_answered_at", "rights_requesters", ["answered_at"])
    op.create_table(
        "recipients_to_tell",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recipient", sa.String(length=80), nullable=False),
        sa.Column("event", sa.String(length=80), nullable=False),
        sa.Column("reference", sa.LargeBinary(), nullable=False),
        sa.Column("noted_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["id"], [_PERSON], name=op.f("fk_recipients_to_tell_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recipients_to_tell")),
    )
    op.create_index("ix_recipients_to_tell_noted_at", "recipients_to_tell", ["noted_at"])


def downgrade() -> None:
    for table in ("recipients_to_tell", "rights_requesters", "rights_requests"):
        op.drop_table(table)
