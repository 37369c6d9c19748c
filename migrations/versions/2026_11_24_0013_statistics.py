"""Statistics: counts by hour and by day, and campaigns."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def _counts(table: str, clock: str, *key: str) -> None:
    op.create_table(
        table,
        *(
            sa.Column(name, sa.DateTime(timezone=True) if name == clock else sa.String(length=80), nullable=False)
            for name in key
        ),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{table}")),
        sqlite_with_rowid=False,
    )


def upgrade() -> None:
    _counts("visit_hours", "hour", "hour", "service", "dimension", "value")
    _counts("visit_days", "day", "service", "dimension", "day", "value")
    op.create_index("ix_visit_days_day", "visit_days", ["day"])
    op.create_table(
        "campaigns",
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("service", sa.String(length=80), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_campaigns")),
    )


def downgrade() -> None:
    for table in ("campaigns", "visit_days", "visit_hours"):
        op.drop_table(table)
