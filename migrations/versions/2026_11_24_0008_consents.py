"""Consent entries that nobody can change, with the version of the notice; the suppression list."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0006"

_SAYS = "consent entries are never changed"


def upgrade() -> None:
    op.add_column(
        "consent_entries",
        # Entries from before say that nobody noted it.
        sa.Column("notice_version", sa.String(length=80), nullable=False, server_default="unknown"),
    )
    op.create_table(
        "suppressions",
        sa.Column("address_hash", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=80), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("address_hash", name=op.f("pk_suppressions")),
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER consent_entries_unchanged BEFORE UPDATE ON consent_entries "
            f"BEGIN SELECT RAISE(ABORT, '{_SAYS}'); END"
        )
        return
    op.execute(
        "CREATE FUNCTION refuse_change_of_consent() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_SAYS}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER consent_entries_unchanged BEFORE UPDATE ON consent_entries "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change_of_consent()"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER consent_entries_unchanged")
    else:
        op.execute("DROP TRIGGER consent_entries_unchanged ON consent_entries")
        op.execute("DROP FUNCTION refuse_change_of_consent()")
    op.drop_table("suppressions")
    op.drop_column("consent_entries", "notice_version")
