"""Restrictions, objections and tombstones; the service a message is sent for."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_PERSON = "people.id"


def upgrade() -> None:
    op.create_table(
        "restrictions",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], [_PERSON], name=op.f("fk_restrictions_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_restrictions")),
    )
    op.create_table(
        "objections",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=64), nullable=False),
        sa.Column("overridden", sa.String(length=80), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], [_PERSON], name=op.f("fk_objections_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person_id", "purpose", name=op.f("pk_objections")),
    )
    op.create_table(
        "tombstones",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("seal", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tombstones")),
        sa.UniqueConstraint("sequence", name=op.f("uq_tombstones_sequence")),
    )
    op.create_index("ix_tombstones_at", "tombstones", ["at"])
    op.create_index(
        "ix_tombstones_unsealed",
        "tombstones",
        ["id"],
        postgresql_where=sa.text("sequence IS NULL"),
        sqlite_where=sa.text("sequence IS NULL"),
    )
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.add_column(sa.Column("service", sa.String(length=40), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.drop_column("service")
    for table in ("tombstones", "objections", "restrictions"):
        op.drop_table(table)
