"""When an account was last used, files that are just being deleted, the stop switch of the sweeps."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "doomed_files",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_doomed_files")),
    )
    op.create_table(
        "sweep_stops",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_sweep_stops")),
    )
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("memberships", schema=None) as batch_op:
        batch_op.add_column(sa.Column("idle_told_at", sa.DateTime(timezone=True), nullable=True))
    # Nobody knows when older accounts were last used: their time begins with this release.
    op.execute(sa.text("UPDATE accounts SET seen_at = CURRENT_TIMESTAMP"))
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.alter_column("seen_at", existing_type=sa.DateTime(timezone=True), nullable=False)
    op.create_index("ix_accounts_seen_at", "accounts", ["seen_at"])


def downgrade() -> None:
    op.drop_index("ix_accounts_seen_at", table_name="accounts")
    with op.batch_alter_table("memberships", schema=None) as batch_op:
        batch_op.drop_column("idle_told_at")
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.drop_column("seen_at")
    op.drop_table("sweep_stops")
    op.drop_table("doomed_files")
