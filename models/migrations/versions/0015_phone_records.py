"""phone records"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import models.columns

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None
_TEXT = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    with op.batch_alter_table("phone_call") as batch:
        batch.add_column(sa.Column("source", _TEXT(), nullable=False, server_default="carrier"))
        batch.add_column(sa.Column("retries", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("misroutes", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("handed_from", _TEXT(), nullable=False, server_default=""))
        batch.add_column(sa.Column("handed_why", _TEXT(), nullable=False, server_default=""))
    with op.batch_alter_table("call_back") as batch:
        batch.add_column(sa.Column("tries", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("note", sa.Text(), nullable=False, server_default=""))
        batch.add_column(sa.Column("changed_at", models.columns.UtcDateTime(), nullable=True))
        batch.create_index("ix_call_back_state_due", ["state", "due_at"])


def downgrade() -> None:
    with op.batch_alter_table("call_back") as batch:
        batch.drop_index("ix_call_back_state_due")
        for name in ("changed_at", "note", "tries"):
            batch.drop_column(name)
    with op.batch_alter_table("phone_call") as batch:
        for name in ("handed_why", "handed_from", "misroutes", "retries", "source"):
            batch.drop_column(name)
