"""console review"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import models.columns

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    text = sqlmodel.sql.sqltypes.AutoString
    op.create_table(
        "desk_case",
        sa.Column("ref", text(), nullable=False),
        sa.Column("assigned_to", text(), nullable=False),
        sa.Column("snoozed_until", models.columns.UtcDateTime(), nullable=True),
        sa.Column("snoozed_by", text(), nullable=False),
        sa.Column("snooze_why", sa.Text(), server_default="", nullable=False),
        sa.Column("changed_at", models.columns.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("ref"),
    )
    for name in ("assigned_to", "snoozed_until", "changed_at"):
        op.create_index(f"ix_desk_case_{name}", "desk_case", [name])
    op.create_table(
        "desk_presence",
        sa.Column("ref", text(), nullable=False),
        sa.Column("user_name", text(), nullable=False),
        sa.Column("seen_at", models.columns.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("ref", "user_name"),
    )
    op.create_index("ix_desk_presence_seen_at", "desk_presence", ["seen_at"])
    op.create_table(
        "correction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", text(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("field", text(), nullable=False),
        sa.Column("kind", text(), nullable=False),
        sa.Column("before", models.columns.json_type(), nullable=True),
        sa.Column("after", models.columns.json_type(), nullable=True),
        sa.Column("label_before", models.columns.json_type(), nullable=True),
        sa.Column("reasons_before", models.columns.json_type(), nullable=True),
        sa.Column("review_before", sa.Boolean(), nullable=False),
        sa.Column("batch", text(), nullable=False),
        sa.Column("actor", text(), nullable=False),
        sa.Column("at", models.columns.UtcDateTime(), nullable=False),
        sa.Column("undone_at", models.columns.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    for name in ("ticket_id", "contact_id", "batch"):
        op.create_index(f"ix_correction_{name}", "correction", [name])
    op.create_index("ix_correction_at", "correction", ["at"])


def downgrade() -> None:
    op.drop_table("correction")
    op.drop_table("desk_presence")
    op.drop_table("desk_case")
