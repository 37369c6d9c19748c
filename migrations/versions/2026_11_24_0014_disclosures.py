"""The ledger of disclosures and demands by law; where connected systems stand and under which contract."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0011"

_PERSON = "people.id"


def upgrade() -> None:
    op.create_table(
        "disclosures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("recipient", sa.String(length=80), nullable=False),
        sa.Column("country", sa.String(length=80), nullable=False),
        sa.Column("purpose", sa.String(length=80), nullable=False),
        sa.Column("categories", sa.String(length=2000), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], [_PERSON], name=op.f("fk_disclosures_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosures")),
        sa.UniqueConstraint(
            "person_id",
            "recipient",
            "country",
            "purpose",
            "categories",
            name=op.f("uq_disclosures_person_id_recipient_country_purpose_categories"),
        ),
    )
    op.create_table(
        "legal_disclosures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("law", sa.String(length=200), nullable=False),
        sa.Column("authority", sa.String(length=200), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("country", sa.String(length=80), nullable=False),
        sa.Column("categories", sa.String(length=2000), nullable=False),
        sa.Column("silent_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("silent_law", sa.String(length=200), nullable=True),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("carried_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "length(law) > 0 AND length(authority) > 0 AND length(reference) > 0",
            name=op.f("ck_legal_disclosures_requirement"),
        ),
        sa.CheckConstraint(
            "approved_at IS NULL OR (decided_by IS NOT NULL AND decided_by <> proposed_by)",
            name=op.f("ck_legal_disclosures_two_people"),
        ),
        sa.CheckConstraint("approved_at IS NULL OR refused_at IS NULL", name=op.f("ck_legal_disclosures_one_decision")),
        sa.CheckConstraint(
            "carried_out_at IS NULL OR approved_at IS NOT NULL", name=op.f("ck_legal_disclosures_approved_first")
        ),
        sa.CheckConstraint(
            "silent_until IS NULL OR length(silent_law) > 0", name=op.f("ck_legal_disclosures_silent_by_law")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], [_PERSON], name=op.f("fk_legal_disclosures_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_disclosures")),
    )
    op.create_index("ix_legal_disclosures_person_id", "legal_disclosures", ["person_id"])
    with op.batch_alter_table("webhook_endpoints", schema=None) as batch_op:
        batch_op.add_column(sa.Column("country", sa.String(length=80), server_default="DE", nullable=False))
        batch_op.add_column(
            sa.Column("safeguard", sa.String(length=80), server_default="processor_contract", nullable=False)
        )


def downgrade() -> None:
    with op.batch_alter_table("webhook_endpoints", schema=None) as batch_op:
        batch_op.drop_column("safeguard")
        batch_op.drop_column("country")
    for table in ("legal_disclosures", "disclosures"):
        op.drop_table(table)
