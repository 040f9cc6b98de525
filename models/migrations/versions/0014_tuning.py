"""tuning"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import models.columns

revision = "0014"
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    words, when, json = sqlmodel.sql.sqltypes.AutoString, models.columns.UtcDateTime, models.columns.json_type
    with op.batch_alter_table("replay_run") as batch:
        batch.add_column(sa.Column("text", sa.Text(), nullable=False, server_default=""))
        batch.add_column(sa.Column("source", json(), nullable=False, server_default="{}"))
        batch.add_column(sa.Column("beat_at", when(), nullable=True))
    op.create_table(
        "replay_upload",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["replay_run.id"]),
        sa.PrimaryKeyConstraint("run_id"),
    )
    op.create_table(
        "decided",
        sa.Column("kind", words(), nullable=False),
        sa.Column("key", words(), nullable=False),
        sa.Column("verdict", words(), nullable=False),
        sa.Column("actor", words(), nullable=False),
        sa.Column("at", when(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "key"),
    )
    op.create_table(
        "directory_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", words(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("replace", sa.Boolean(), nullable=False),
        sa.Column("seen", words(), nullable=False),
        sa.Column("state", words(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("result", json(), nullable=False),
        sa.Column("actor", words(), nullable=False),
        sa.Column("created_at", when(), nullable=False),
        sa.Column("beat_at", when(), nullable=True),
        sa.Column("finished_at", when(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )


def downgrade() -> None:
    for table in ("directory_import", "decided", "replay_upload"):
        op.drop_table(table)
    with op.batch_alter_table("replay_run") as batch:
        for column in ("beat_at", "source", "text"):
            batch.drop_column(column)
