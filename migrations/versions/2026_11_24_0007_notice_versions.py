"""Every version of the privacy notice."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "notice_versions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("hash", sa.String(length=80), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_versions")),
        sa.UniqueConstraint("hash", name=op.f("uq_notice_versions_hash")),
    )


def downgrade() -> None:
    op.drop_table("notice_versions")
