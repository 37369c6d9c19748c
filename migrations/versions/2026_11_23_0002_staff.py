"""Staff members."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "staff_members",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("email_key", sa.String(length=254), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["id"], ["people.id"], name=op.f("fk_staff_members_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_members")),
    )
    op.create_index(
        "ix_staff_members_disabled_at",
        "staff_members",
        ["disabled_at"],
        postgresql_where=sa.text("disabled_at IS NOT NULL"),
        sqlite_where=sa.text("disabled_at IS NOT NULL"),
    )
    op.create_index(
        "uq_staff_members_email_key",
        "staff_members",
        ["email_key"],
        unique=True,
        postgresql_where=sa.text("disabled_at IS NULL"),
        sqlite_where=sa.text("disabled_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("staff_members")
