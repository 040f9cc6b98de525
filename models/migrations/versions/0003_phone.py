"""phone"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import models.columns

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString()
UTC = models.columns.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        'phone_call',
        sa.Column('sid', TEXT, primary_key=True),
        sa.Column('number', TEXT, nullable=False),
        sa.Column('called', TEXT, nullable=False),
        sa.Column('state', TEXT, nullable=False),
        sa.Column('token', TEXT, nullable=False),
        sa.Column('draft', models.columns.json_type(), nullable=False),
        sa.Column('started_at', UTC, nullable=False),
        sa.Column('updated_at', UTC, nullable=False),
        sa.Column('ended_at', UTC, nullable=True),
        sa.Column('carrier_status', TEXT, nullable=False),
        sa.Column('sequence', sa.Integer(), nullable=False),
        sa.Column('seconds', sa.Integer(), nullable=False),
        sa.Column('steps', sa.Integer(), nullable=False),
        sa.Column('contact_id', sa.Integer(), sa.ForeignKey('contact.id'), nullable=True),
        sa.Column('ticket_id', TEXT, sa.ForeignKey('ticket.id'), nullable=True),
        sa.Column('outcome', TEXT, nullable=False),
    )
    op.create_index('ix_phone_call_open', 'phone_call', ['ended_at', 'updated_at'])
    op.create_index('ix_phone_call_number', 'phone_call', ['number', 'started_at'])
    op.create_index('ix_phone_call_started_at', 'phone_call', ['started_at'])
    op.create_index('ix_phone_call_ticket_id', 'phone_call', ['ticket_id'])
    op.create_table(
        'phone_step',
        sa.Column('id', sa.Integer(), primary_key=True),
        sa.Column('call_sid', TEXT, sa.ForeignKey('phone_call.sid'), nullable=False),
        sa.Column('token', TEXT, nullable=False),
        sa.Column('at', UTC, nullable=False),
        sa.Column('state', TEXT, nullable=False),
        sa.Column('following', TEXT, nullable=False),
        sa.Column('given', models.columns.json_type(), nullable=False),
        sa.Column('answer', sa.Text(), nullable=False),
        sa.UniqueConstraint('call_sid', 'token', name='uq_phone_step'),
    )
    op.create_table(
        'recording',
        sa.Column('sid', TEXT, primary_key=True),
        sa.Column('call_sid', TEXT, nullable=False),
        sa.Column('ticket_id', TEXT, sa.ForeignKey('ticket.id'), nullable=True),
        sa.Column('state', TEXT, nullable=False),
        sa.Column('seconds', sa.Integer(), nullable=False),
        sa.Column('content_type', TEXT, nullable=False),
        sa.Column('media', sa.LargeBinary(), nullable=True),
        sa.Column('transcript', sa.Text(), nullable=False),
        sa.Column('transcript_filed', sa.Boolean(), nullable=False),
        sa.Column('at_carrier', sa.Boolean(), nullable=False),
        sa.Column('tries', sa.Integer(), nullable=False),
        sa.Column('last_error', TEXT, nullable=False),
        sa.Column('created_at', UTC, nullable=False),
        sa.Column('due_at', UTC, nullable=False),
    )
    op.create_index('ix_recording_due', 'recording', ['state', 'due_at'])
    op.create_index('ix_recording_call_sid', 'recording', ['call_sid'])
    op.create_index('ix_recording_ticket_id', 'recording', ['ticket_id'])
    op.create_table(
        'call_back',
        sa.Column('id', sa.Integer(), primary_key=True),
        sa.Column('call_sid', TEXT, nullable=False, unique=True),
        sa.Column('number', TEXT, nullable=False),
        sa.Column('ticket_id', TEXT, sa.ForeignKey('ticket.id'), nullable=True),
        sa.Column('reason', TEXT, nullable=False),
        sa.Column('due_at', UTC, nullable=False),
        sa.Column('created_at', UTC, nullable=False),
        sa.Column('state', TEXT, nullable=False),
        sa.Column('taken_by', TEXT, nullable=False),
        sa.Column('done_at', UTC, nullable=True),
    )
    op.create_index('ix_call_back_due_at', 'call_back', ['due_at'])
    op.create_index('ix_call_back_state', 'call_back', ['state'])
    op.create_index('ix_call_back_ticket_id', 'call_back', ['ticket_id'])
    with op.batch_alter_table('outbox') as outbox:
        outbox.add_column(sa.Column('channel', TEXT, nullable=False, server_default='email'))
        outbox.add_column(sa.Column('carrier_id', TEXT, nullable=False, server_default=''))
        outbox.create_index('ix_outbox_carrier_id', ['carrier_id'])


def downgrade() -> None:
    with op.batch_alter_table('outbox') as outbox:
        outbox.drop_index('ix_outbox_carrier_id')
        outbox.drop_column('carrier_id')
        outbox.drop_column('channel')
    for table in ('call_back', 'recording', 'phone_step', 'phone_call'):
        op.drop_table(table)
