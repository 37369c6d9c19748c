"""Licences, who holds them, where they are used, and the keys that sign them."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.create_table(
        "license_batches",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("product", sa.String(length=80), nullable=False),
        sa.Column("policy", sa.String(length=80), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_license_batches")),
    )
    op.create_table(
        "license_keys",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("public_key", sa.String(length=64), nullable=False),
        sa.Column("private_key", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_license_keys")),
        sa.UniqueConstraint("serial", name=op.f("uq_license_keys_serial")),
    )
    op.create_table(
        "product_connections",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("product", sa.String(length=80), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("old_secret", sa.LargeBinary(), nullable=True),
        sa.Column("old_secret_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_connections")),
    )
    op.create_index("ix_product_connections_product", "product_connections", ["product", "id"])
    op.create_table(
        "licenses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("product", sa.String(length=80), nullable=False),
        sa.Column("policy", sa.String(length=80), nullable=False),
        sa.Column(
            "code_hash",
            sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("code_tail", sa.String(length=80), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("void_reason", sa.String(length=80), nullable=True),
        sa.Column("rights_said_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("expires_at IS NULL OR begins_at IS NOT NULL", name=op.f("ck_licenses_begun")),
        sa.CheckConstraint("seats >= 1", name=op.f("ck_licenses_seats")),
        sa.ForeignKeyConstraint(["batch_id"], ["license_batches.id"], name=op.f("fk_licenses_batch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licenses")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_licenses_code_hash")),
    )
    op.create_index("ix_licenses_batch_id", "licenses", ["batch_id", "id"])
    op.create_index("ix_licenses_product_id", "licenses", ["product", "id"])
    for name, columns, condition in (
        ("voided", ["product", "id"], "voided_at IS NOT NULL"),
        ("unused", ["product", "id"], "begins_at IS NULL AND voided_at IS NULL"),
        ("expires_at", ["product", "expires_at", "id"], "expires_at IS NOT NULL"),
        ("endless", ["product", "id"], "begins_at IS NOT NULL AND expires_at IS NULL AND voided_at IS NULL"),
    ):
        only = sa.text(condition)
        op.create_index(f"ix_licenses_{name}", "licenses", columns, postgresql_where=only, sqlite_where=only)
    op.create_table(
        "license_holdings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("license_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("membership_id", sa.Uuid(), nullable=True),
        sa.Column("company_id", sa.Uuid(), nullable=True),
        sa.Column("service", sa.String(length=40), nullable=False),
        sa.Column("number", sa.String(length=100), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("renews", sa.Boolean(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(person_id IS NULL) = (membership_id IS NULL) AND (person_id IS NULL) <> (company_id IS NULL)",
            name=op.f("ck_license_holdings_one_holder"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_license_holdings_company_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["license_id"], ["licenses.id"], name=op.f("fk_license_holdings_license_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["membership_id"], ["memberships.id"], name=op.f("fk_license_holdings_membership_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["accounts.id"], name=op.f("fk_license_holdings_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_license_holdings")),
    )
    op.create_index("ix_license_holdings_company_id", "license_holdings", ["company_id", "id"])
    op.create_index(
        "ix_license_holdings_ended_at",
        "license_holdings",
        ["ended_at"],
        postgresql_where=sa.text("ended_at IS NOT NULL"),
        sqlite_where=sa.text("ended_at IS NOT NULL"),
    )
    op.create_index("ix_license_holdings_expires_at", "license_holdings", ["service", "expires_at"])
    op.create_index("ix_license_holdings_license", "license_holdings", ["license_id"])
    op.create_index("ix_license_holdings_membership_id", "license_holdings", ["membership_id"])
    op.create_index("ix_license_holdings_person_id", "license_holdings", ["person_id", "id"])
    op.create_index(
        "uq_license_holdings_license_id",
        "license_holdings",
        ["license_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "license_rights",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("license_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column("instance", sa.String(length=80), nullable=False),
        sa.Column("rights", sa.JSON(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["license_id"], ["licenses.id"], name=op.f("fk_license_rights_license_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["membership_id"], ["memberships.id"], name=op.f("fk_license_rights_membership_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["accounts.id"], name=op.f("fk_license_rights_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_license_rights")),
        sa.UniqueConstraint(
            "license_id", "person_id", "instance", name=op.f("uq_license_rights_license_id_person_id_instance")
        ),
    )
    op.create_index("ix_license_rights_membership_id", "license_rights", ["membership_id"])
    op.create_index("ix_license_rights_person_id", "license_rights", ["person_id"])
    op.create_table(
        "product_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("license_id", sa.Uuid(), nullable=True),
        sa.Column("instance", sa.String(length=80), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["product_connections.id"],
            name=op.f("fk_product_events_connection_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["license_id"], ["licenses.id"], name=op.f("fk_product_events_license_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_events")),
        sa.UniqueConstraint("connection_id", "digest", name=op.f("uq_product_events_connection_id_digest")),
    )
    op.create_index("ix_product_events_heard_at", "product_events", ["heard_at"])
    op.create_index("ix_product_events_license_id", "product_events", ["license_id", "instance"])
    op.create_table(
        "license_activations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("license_id", sa.Uuid(), nullable=False),
        sa.Column("holding_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("device_hash", sa.String(length=64), nullable=False),
        sa.Column("device_name", sa.String(length=100), nullable=True),
        sa.Column("seat", sa.Integer(), nullable=False),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_by", sa.String(length=80), nullable=True),
        sa.CheckConstraint("seat >= 1", name=op.f("ck_license_activations_seat")),
        sa.ForeignKeyConstraint(
            ["holding_id"], ["license_holdings.id"], name=op.f("fk_license_activations_holding_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["license_id"], ["licenses.id"], name=op.f("fk_license_activations_license_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["accounts.id"], name=op.f("fk_license_activations_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_license_activations")),
    )
    op.create_index("ix_license_activations_holding_id", "license_activations", ["holding_id"])
    op.create_index("ix_license_activations_license_id", "license_activations", ["license_id", "id"])
    op.create_index("ix_license_activations_person_id", "license_activations", ["person_id"])
    op.create_index(
        "ix_license_activations_released_at",
        "license_activations",
        ["released_at"],
        postgresql_where=sa.text("released_at IS NOT NULL"),
        sqlite_where=sa.text("released_at IS NOT NULL"),
    )
    op.create_index(
        "uq_license_activations_device",
        "license_activations",
        ["license_id", "device_hash"],
        unique=True,
        postgresql_where=sa.text("released_at IS NULL"),
        sqlite_where=sa.text("released_at IS NULL"),
    )
    op.create_index(
        "uq_license_activations_seat",
        "license_activations",
        ["license_id", "seat"],
        unique=True,
        postgresql_where=sa.text("released_at IS NULL"),
        sqlite_where=sa.text("released_at IS NULL"),
    )


def downgrade() -> None:
    for table in (
        "license_activations",
        "product_events",
        "license_rights",
        "license_holdings",
        "licenses",
        "product_connections",
        "license_keys",
        "license_batches",
    ):
        op.drop_table(table)
