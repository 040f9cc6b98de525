"""mail"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import models.columns

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

_STR = sqlmodel.sql.sqltypes.AutoString
_AT = models.columns.UtcDateTime


def upgrade() -> None:
    op.create_index('ix_ticket_requester', 'ticket', ['requester', 'opened_at'])
    op.create_index('ix_outbox_due_at', 'outbox', ['due_at'])
    op.create_table('undeliverable_address',
    sa.Column('address', _STR(), nullable=False),
    sa.Column('since', _AT(timezone=True), nullable=False),
    sa.Column('until', _AT(timezone=True), nullable=False),
    sa.Column('status', _STR(), nullable=False),
    sa.Column('why', sa.Text(), server_default='', nullable=False),
    sa.Column('ticket_id', _STR(), nullable=True),
    sa.Column('contact_id', sa.Integer(), nullable=True),
    sa.PrimaryKeyConstraint('address')
    )
    op.create_table('carrier_notice',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('contact_id', sa.Integer(), nullable=False),
    sa.Column('carrier', _STR(), nullable=False),
    sa.Column('sender_domain', _STR(), nullable=False),
    sa.Column('reference', _STR(), nullable=False),
    sa.Column('status', _STR(), nullable=False),
    sa.Column('impact', _STR(), nullable=False),
    sa.Column('starts_at', _AT(timezone=True), nullable=True),
    sa.Column('ends_at', _AT(timezone=True), nullable=True),
    sa.Column('circuits', models.columns.json_type(), nullable=False),
    sa.Column('subject', sa.Text(), server_default='', nullable=False),
    sa.Column('at', _AT(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('contact_id')
    )
    op.create_index('ix_notice_reference', 'carrier_notice', ['sender_domain', 'reference'])
    op.create_index('ix_notice_window', 'carrier_notice', ['ends_at'])
    op.create_table('notice_service',
    sa.Column('notice_id', sa.Integer(), nullable=False),
    sa.Column('service_id', _STR(), nullable=False),
    sa.Column('circuit', _STR(), nullable=False),
    sa.ForeignKeyConstraint(['notice_id'], ['carrier_notice.id'], ),
    sa.PrimaryKeyConstraint('notice_id', 'service_id')
    )
    op.create_index('ix_notice_service_service_id', 'notice_service', ['service_id'])
    op.create_table('other_ref',
    sa.Column('owner', _STR(), nullable=False),
    sa.Column('ref', _STR(), nullable=False),
    sa.Column('ticket_id', _STR(), nullable=False),
    sa.Column('written', _STR(), nullable=False),
    sa.Column('at', _AT(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], ),
    sa.PrimaryKeyConstraint('owner', 'ref')
    )
    op.create_index('ix_other_ref_ticket_id', 'other_ref', ['ticket_id'])
    op.create_table('said_before',
    sa.Column('address', _STR(), nullable=False),
    sa.Column('digest', _STR(), nullable=False),
    sa.Column('times', sa.Integer(), nullable=False),
    sa.Column('first_at', _AT(timezone=True), nullable=False),
    sa.Column('ticket_id', _STR(), nullable=True),
    sa.PrimaryKeyConstraint('address', 'digest')
    )
    op.create_table('alarm',
    sa.Column('name', _STR(), nullable=False),
    sa.Column('detail', sa.Text(), server_default='', nullable=False),
    sa.Column('raised_at', _AT(timezone=True), nullable=False),
    sa.Column('last_at', _AT(timezone=True), nullable=False),
    sa.Column('times', sa.Integer(), nullable=False),
    sa.Column('cleared_at', _AT(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('name')
    )
    op.create_table('ticket_merge',
    sa.Column('ticket_id', _STR(), nullable=False),
    sa.Column('into_id', _STR(), nullable=False),
    sa.Column('at', _AT(timezone=True), nullable=False),
    sa.Column('actor', _STR(), nullable=False),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], ),
    sa.ForeignKeyConstraint(['into_id'], ['ticket.id'], ),
    sa.PrimaryKeyConstraint('ticket_id')
    )
    op.create_index('ix_ticket_merge_into_id', 'ticket_merge', ['into_id'])
    op.create_table('parent_proposal',
    sa.Column('ticket_id', _STR(), nullable=False),
    sa.Column('parent_id', _STR(), nullable=False),
    sa.Column('state', _STR(), nullable=False),
    sa.Column('at', _AT(timezone=True), nullable=False),
    sa.Column('actor', _STR(), nullable=False),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], ),
    sa.ForeignKeyConstraint(['parent_id'], ['ticket.id'], ),
    sa.PrimaryKeyConstraint('ticket_id')
    )
    op.create_index('ix_parent_proposal_parent_id', 'parent_proposal', ['parent_id'])
    op.create_table('acceptance',
    sa.Column('contact_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('verdict', _STR(), nullable=False),
    sa.Column('actor', _STR(), nullable=False),
    sa.Column('at', _AT(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('contact_id')
    )


def downgrade() -> None:
    for name in ('acceptance', 'parent_proposal', 'ticket_merge', 'alarm', 'said_before', 'other_ref', 'notice_service',
                 'carrier_notice', 'undeliverable_address'):
        op.drop_table(name)
    op.drop_index('ix_outbox_due_at', 'outbox')
    op.drop_index('ix_ticket_requester', 'ticket')
