"""panel"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import models.columns

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('panel_ask',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('address', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('peer', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('wanted', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('at', models.columns.UtcDateTime(), nullable=False),
    sa.Column('done', sa.Boolean(), nullable=False),
    sa.Column('token_hash', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('used_at', models.columns.UtcDateTime(), nullable=True),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('token_hash')
    )
    op.create_index('ix_panel_ask_address', 'panel_ask', ['address', 'at'], unique=False)
    op.create_index(op.f('ix_panel_ask_at'), 'panel_ask', ['at'], unique=False)
    op.create_index('ix_panel_ask_peer', 'panel_ask', ['peer', 'at'], unique=False)
    op.create_table('panel_file',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('draft', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('address', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('media_type', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('data', sa.LargeBinary(), nullable=False),
    sa.Column('at', models.columns.UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index(op.f('ix_panel_file_at'), 'panel_file', ['at'], unique=False)
    op.create_index(op.f('ix_panel_file_draft'), 'panel_file', ['draft'], unique=False)
    op.create_table('panel_session',
    sa.Column('token_hash', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('address', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('customer_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('way', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('csrf', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('created_at', models.columns.UtcDateTime(), nullable=False),
    sa.Column('seen_at', models.columns.UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('token_hash')
    )
    op.create_index(op.f('ix_panel_session_address'), 'panel_session', ['address'], unique=False)
    op.create_index(op.f('ix_panel_session_seen_at'), 'panel_session', ['seen_at'], unique=False)
    op.create_table('panel_token',
    sa.Column('jti', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('until', models.columns.UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('jti')
    )
    op.create_index(op.f('ix_panel_token_until'), 'panel_token', ['until'], unique=False)
    op.create_table('webhook_endpoint',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('url', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('events', models.columns.json_type(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('template', sa.Text(), server_default='', nullable=False),
    sa.Column('key', sa.Text(), server_default='', nullable=False),
    sa.Column('secret', sa.Text(), server_default='', nullable=False),
    sa.Column('old_secret', sa.Text(), server_default='', nullable=False),
    sa.Column('old_until', models.columns.UtcDateTime(), nullable=True),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('why_off', sa.Text(), server_default='', nullable=False),
    sa.Column('failing_since', models.columns.UtcDateTime(), nullable=True),
    sa.Column('last_ok_at', models.columns.UtcDateTime(), nullable=True),
    sa.Column('created_at', models.columns.UtcDateTime(), nullable=False),
    sa.Column('created_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('name')
    )
    op.create_table('webhook_event',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('type', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('ticket_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('at', models.columns.UtcDateTime(), nullable=False),
    sa.Column('data', models.columns.json_type(), nullable=False),
    sa.Column('spread', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index(op.f('ix_webhook_event_ticket_id'), 'webhook_event', ['ticket_id'], unique=False)
    op.create_index('ix_webhook_event_todo', 'webhook_event', ['spread', 'at'], unique=False)
    op.create_table('webhook_delivery',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('endpoint_id', sa.Integer(), nullable=False),
    sa.Column('event_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('replay', sa.Integer(), nullable=False),
    sa.Column('body', sa.Text(), server_default='', nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('status', sa.Integer(), nullable=False),
    sa.Column('last_error', sa.Text(), server_default='', nullable=False),
    sa.Column('created_at', models.columns.UtcDateTime(), nullable=False),
    sa.Column('due_at', models.columns.UtcDateTime(), nullable=False),
    sa.Column('sent_at', models.columns.UtcDateTime(), nullable=True),
    sa.Column('lease_owner', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('lease_until', models.columns.UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['endpoint_id'], ['webhook_endpoint.id'], ),
    sa.ForeignKeyConstraint(['event_id'], ['webhook_event.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('endpoint_id', 'event_id', 'replay', name='uq_webhook_delivery')
    )
    op.create_index('ix_webhook_delivery_due', 'webhook_delivery', ['state', 'due_at'], unique=False)
    op.create_index(op.f('ix_webhook_delivery_endpoint_id'), 'webhook_delivery', ['endpoint_id'], unique=False)
    op.create_index(op.f('ix_webhook_delivery_event_id'), 'webhook_delivery', ['event_id'], unique=False)


def downgrade() -> None:
    op.drop_index(op.f('ix_webhook_delivery_event_id'), table_name='webhook_delivery')
    op.drop_index(op.f('ix_webhook_delivery_endpoint_id'), table_name='webhook_delivery')
    op.drop_index('ix_webhook_delivery_due', table_name='webhook_delivery')
    op.drop_table('webhook_delivery')
    op.drop_index('ix_webhook_event_todo', table_name='webhook_event')
    op.drop_index(op.f('ix_webhook_event_ticket_id'), table_name='webhook_event')
    op.drop_table('webhook_event')
    op.drop_table('webhook_endpoint')
    op.drop_index(op.f('ix_panel_token_until'), table_name='panel_token')
    op.drop_table('panel_token')
    op.drop_index(op.f('ix_panel_session_seen_at'), table_name='panel_session')
    op.drop_index(op.f('ix_panel_session_address'), table_name='panel_session')
    op.drop_table('panel_session')
    op.drop_index(op.f('ix_panel_file_draft'), table_name='panel_file')
    op.drop_index(op.f('ix_panel_file_at'), table_name='panel_file')
    op.drop_table('panel_file')
    op.drop_index('ix_panel_ask_peer', table_name='panel_ask')
    op.drop_index(op.f('ix_panel_ask_at'), table_name='panel_ask')
    op.drop_index('ix_panel_ask_address', table_name='panel_ask')
    op.drop_table('panel_ask')
