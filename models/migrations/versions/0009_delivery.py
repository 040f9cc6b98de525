"""delivery"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import models.columns

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("outbox") as batch:
        batch.add_column(sa.Column("first_try_at", models.columns.UtcDateTime(), nullable=True))
    with op.batch_alter_table("contact") as batch:
        batch.add_column(sa.Column("again", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("accepted_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("contact") as batch:
        batch.drop_column("accepted_by")
        batch.drop_column("again")
    with op.batch_alter_table("outbox") as batch:
        batch.drop_column("first_try_at")
