"""imap"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import models.columns

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('imap_mailbox',
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('uidvalidity', sa.BigInteger(), nullable=False),
    sa.Column('last_uid', sa.BigInteger(), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('detail', sa.Text(), nullable=False),
    sa.Column('since', models.columns.UtcDateTime(timezone=True), nullable=False),
    sa.Column('lease_owner', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('lease_until', models.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('scanned_at', models.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('reconciled_at', models.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('on_server', sa.Integer(), nullable=False),
    sa.Column('waiting', sa.Integer(), nullable=False),
    sa.Column('unaccounted', sa.Integer(), nullable=False),
    sa.Column('accounted', models.columns.json_type(), nullable=False),
    sa.PrimaryKeyConstraint('name')
    )
    op.create_table('imap_message',
    sa.Column('mailbox', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('uidvalidity', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('uid', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('contact_id', sa.Integer(), nullable=True),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('detail', sa.Text(), nullable=False),
    sa.Column('taken_at', models.columns.UtcDateTime(timezone=True), nullable=False),
    sa.Column('settled_at', models.columns.UtcDateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('mailbox', 'uidvalidity', 'uid')
    )
    open_rows = {'sqlite_where': sa.text('settled_at IS NULL'), 'postgresql_where': sa.text('settled_at IS NULL')}
    op.create_index('ix_imap_unsettled', 'imap_message', ['mailbox', 'uidvalidity'], **open_rows)
    op.create_table('mailbox_alarm',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('mailbox', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('detail', sa.Text(), nullable=False),
    sa.Column('raised_at', models.columns.UtcDateTime(timezone=True), nullable=False),
    sa.Column('cleared_at', models.columns.UtcDateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id')
    )
    open_rows = {'sqlite_where': sa.text('cleared_at IS NULL'), 'postgresql_where': sa.text('cleared_at IS NULL')}
    op.create_index('uq_mailbox_alarm_open', 'mailbox_alarm', ['mailbox', 'kind'], unique=True, **open_rows)


def downgrade() -> None:
    op.drop_table('mailbox_alarm')
    op.drop_table('imap_message')
    op.drop_table('imap_mailbox')
