"""What waits is found quickly, however much waits; processes speak of themselves."""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import models.columns

revision = "0016"
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_contact_waiting", "contact", ["state", "id"])
    op.create_table(
        "process_beat",
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), primary_key=True),
        sa.Column("host", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("version", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("parts", models.columns.json_type(), nullable=False),
        sa.Column("started_at", models.columns.UtcDateTime(), nullable=False),
        sa.Column("seen_at", models.columns.UtcDateTime(), nullable=False),
        sa.Column("skew_s", sa.Float(), nullable=False),
        sa.Column("samples", models.columns.json_type(), nullable=False),
    )
    op.create_index("ix_process_beat_seen_at", "process_beat", ["seen_at"])


def downgrade() -> None:
    op.drop_table("process_beat")
    op.drop_index("ix_contact_waiting", "contact")
