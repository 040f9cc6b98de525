"""ticket life"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import models.columns

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('outbox', schema=None) as batch_op:
        batch_op.alter_column('ticket_id',
               existing_type=sa.VARCHAR(),
               nullable=True)
    op.create_table('matrix_issue',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('service_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('matrix', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('issued_at', models.columns.UtcDateTime(timezone=True), nullable=False),
    sa.Column('pdf', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('service_id', 'matrix', 'version', name='uq_matrix_issue')
    )
    with op.batch_alter_table('matrix_issue', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_matrix_issue_service_id'), ['service_id'], unique=False)
    op.create_table('policy_document',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('body', models.columns.json_type(), nullable=False),
    sa.Column('retired', sa.Boolean(), nullable=False),
    sa.Column('author', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('created_at', models.columns.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('kind', 'name', 'version', name='uq_policy_version')
    )
    op.create_table('problem',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('title', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('why', sa.Text(), server_default='', nullable=False),
    sa.Column('scope', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('dedupe_key', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('root_cause', sa.Text(), server_default='', nullable=False),
    sa.Column('workaround', sa.Text(), server_default='', nullable=False),
    sa.Column('parent_ticket', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('opened_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('opened_at', models.columns.UtcDateTime(timezone=True), nullable=False),
    sa.Column('resolved_at', models.columns.UtcDateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('dedupe_key')
    )
    with op.batch_alter_table('problem', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_problem_scope'), ['scope'], unique=False)
    op.create_table('support_channel',
    sa.Column('value', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('customers', models.columns.json_type(), nullable=False),
    sa.Column('services', models.columns.json_type(), nullable=False),
    sa.PrimaryKeyConstraint('value')
    )
    op.create_table('welcome_sent',
    sa.Column('service_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('at', models.columns.UtcDateTime(timezone=True), nullable=False),
    sa.Column('addresses', models.columns.json_type(), nullable=False),
    sa.PrimaryKeyConstraint('service_id')
    )
    op.create_table('deferral',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('until', models.columns.UtcDateTime(timezone=True), nullable=False),
    sa.Column('offered_at', models.columns.UtcDateTime(timezone=True), nullable=False),
    sa.Column('proposed_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('customer_consent', models.columns.json_type(), nullable=False),
    sa.Column('provider_consent', models.columns.json_type(), nullable=False),
    sa.Column('ended_at', models.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('ended_why', sa.Text(), server_default='', nullable=False),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('deferral', schema=None) as batch_op:
        batch_op.create_index('ix_deferral_ticket', ['ticket_id'], unique=False)
        batch_op.create_index('uq_deferral_open', ['ticket_id'], unique=True, sqlite_where=sa.text("state IN ('offered', 'agreed')"), postgresql_where=sa.text("state IN ('offered', 'agreed')"))
    op.create_table('escalation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('cycle', sa.Integer(), nullable=False),
    sa.Column('level', sa.Integer(), nullable=False),
    sa.Column('title', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('cause', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('actor', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('reason', sa.Text(), server_default='', nullable=False),
    sa.Column('at', models.columns.UtcDateTime(timezone=True), nullable=False),
    sa.Column('contact_id', sa.Integer(), nullable=True),
    sa.Column('matrix', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('matrix_version', sa.Integer(), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('asked_again', sa.Integer(), nullable=False),
    sa.Column('next_notice_at', models.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('acknowledged_at', models.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('acknowledged_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('ticket_id', 'cycle', 'level', name='uq_escalation_level')
    )
    with op.batch_alter_table('escalation', schema=None) as batch_op:
        batch_op.create_index('ix_escalation_at', ['at'], unique=False)
    op.create_table('preventive_action',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('problem_id', sa.Integer(), nullable=False),
    sa.Column('what', sa.Text(), server_default='', nullable=False),
    sa.Column('owner', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('due_at', models.columns.UtcDateTime(timezone=True), nullable=False),
    sa.Column('done_at', models.columns.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['problem_id'], ['problem.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('preventive_action', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_preventive_action_problem_id'), ['problem_id'], unique=False)
    op.create_table('problem_ticket',
    sa.Column('problem_id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.ForeignKeyConstraint(['problem_id'], ['problem.id'], ),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], ),
    sa.PrimaryKeyConstraint('problem_id', 'ticket_id')
    )
    with op.batch_alter_table('problem_ticket', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_problem_ticket_ticket_id'), ['ticket_id'], unique=False)
    op.create_table('rfo',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('requested_at', models.columns.UtcDateTime(timezone=True), nullable=False),
    sa.Column('requested_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('channel', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('contact_id', sa.Integer(), nullable=True),
    sa.Column('due_at', models.columns.UtcDateTime(timezone=True), nullable=False),
    sa.Column('body', models.columns.json_type(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('edited_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('reviewed_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('approved_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('approved_at', models.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('pdf', sa.LargeBinary(), nullable=True),
    sa.Column('sent_at', models.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('outbox_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('rfo', schema=None) as batch_op:
        batch_op.create_index('ix_rfo_due', ['state', 'due_at'], unique=False)
        batch_op.create_index('ix_rfo_ticket', ['ticket_id'], unique=False)
        batch_op.create_index('uq_rfo_open', ['ticket_id'], unique=True, sqlite_where=sa.text("state <> 'sent'"), postgresql_where=sa.text("state <> 'sent'"))
    op.create_table('ticket_mark',
    sa.Column('ticket_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('mark', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('at', models.columns.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], ),
    sa.PrimaryKeyConstraint('ticket_id', 'mark')
    )
    op.create_table('escalation_notice',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('escalation_id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('person', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('way', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('address', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('detail', sa.Text(), server_default='', nullable=False),
    sa.Column('at', models.columns.UtcDateTime(timezone=True), nullable=False),
    sa.Column('mail_key', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.ForeignKeyConstraint(['escalation_id'], ['escalation.id'], ),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('escalation_id', 'person', 'round', name='uq_notice_round')
    )
    with op.batch_alter_table('escalation_notice', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_escalation_notice_escalation_id'), ['escalation_id'], unique=False)
        batch_op.create_index('ix_notice_state', ['state'], unique=False)
        batch_op.create_index(batch_op.f('ix_escalation_notice_ticket_id'), ['ticket_id'], unique=False)
    op.create_table('outbox_file',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('outbox_id', sa.Integer(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('media_type', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('data', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['outbox_id'], ['outbox.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('outbox_file', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_outbox_file_outbox_id'), ['outbox_id'], unique=False)
    with op.batch_alter_table('service', schema=None) as batch_op:
        batch_op.add_column(sa.Column('activated', models.columns.UtcDateTime(timezone=True), nullable=True))
    with op.batch_alter_table('ticket', schema=None) as batch_op:
        batch_op.add_column(sa.Column('next_due_at', models.columns.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('state_log', models.columns.json_type(), server_default='[]', nullable=False))
        batch_op.add_column(sa.Column('accepted', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column('stated_urgency', sqlmodel.sql.sqltypes.AutoString(), server_default='', nullable=False))
        batch_op.add_column(sa.Column('urgency_override', sqlmodel.sql.sqltypes.AutoString(), server_default='', nullable=False))
        batch_op.add_column(sa.Column('priority_override', sqlmodel.sql.sqltypes.AutoString(), server_default='', nullable=False))
        batch_op.add_column(sa.Column('override_by', sqlmodel.sql.sqltypes.AutoString(), server_default='', nullable=False))
        batch_op.add_column(sa.Column('override_why', sqlmodel.sql.sqltypes.AutoString(), server_default='', nullable=False))
        batch_op.add_column(sa.Column('response_due_at', models.columns.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('responded_at', models.columns.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('repair_due_at', models.columns.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('resolved_at', models.columns.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('told_at', models.columns.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('breaches', models.columns.json_type(), server_default='[]', nullable=False))
        batch_op.add_column(sa.Column('resolution', sa.Text(), server_default='', nullable=False))
        batch_op.add_column(sa.Column('escalation_level', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('escalation_cycle', sa.Integer(), server_default='1', nullable=False))
        batch_op.add_column(sa.Column('parent_ticket', sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        batch_op.add_column(sa.Column('merged_into', sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        batch_op.create_index('ix_ticket_next_due', ['next_due_at'], unique=False)
        batch_op.create_index('ix_ticket_parent', ['parent_ticket'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('ticket', schema=None, recreate='never') as batch_op:
        batch_op.drop_index('ix_ticket_parent')
        batch_op.drop_index('ix_ticket_next_due')
        batch_op.drop_column('merged_into')
        batch_op.drop_column('parent_ticket')
        batch_op.drop_column('escalation_cycle')
        batch_op.drop_column('escalation_level')
        batch_op.drop_column('resolution')
        batch_op.drop_column('breaches')
        batch_op.drop_column('told_at')
        batch_op.drop_column('resolved_at')
        batch_op.drop_column('repair_due_at')
        batch_op.drop_column('responded_at')
        batch_op.drop_column('response_due_at')
        batch_op.drop_column('override_why')
        batch_op.drop_column('override_by')
        batch_op.drop_column('priority_override')
        batch_op.drop_column('urgency_override')
        batch_op.drop_column('stated_urgency')
        batch_op.drop_column('accepted')
        batch_op.drop_column('state_log')
        batch_op.drop_column('next_due_at')
    with op.batch_alter_table('service', schema=None, recreate='never') as batch_op:
        batch_op.drop_column('activated')
    with op.batch_alter_table('outbox', schema=None) as batch_op:
        batch_op.alter_column('ticket_id',
               existing_type=sa.VARCHAR(),
               nullable=False)
    with op.batch_alter_table('outbox_file', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_outbox_file_outbox_id'))
    op.drop_table('outbox_file')
    with op.batch_alter_table('escalation_notice', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_escalation_notice_ticket_id'))
        batch_op.drop_index('ix_notice_state')
        batch_op.drop_index(batch_op.f('ix_escalation_notice_escalation_id'))
    op.drop_table('escalation_notice')
    op.drop_table('ticket_mark')
    with op.batch_alter_table('rfo', schema=None) as batch_op:
        batch_op.drop_index('uq_rfo_open', sqlite_where=sa.text("state <> 'sent'"), postgresql_where=sa.text("state <> 'sent'"))
        batch_op.drop_index('ix_rfo_ticket')
        batch_op.drop_index('ix_rfo_due')
    op.drop_table('rfo')
    with op.batch_alter_table('problem_ticket', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_problem_ticket_ticket_id'))
    op.drop_table('problem_ticket')
    with op.batch_alter_table('preventive_action', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_preventive_action_problem_id'))
    op.drop_table('preventive_action')
    with op.batch_alter_table('escalation', schema=None) as batch_op:
        batch_op.drop_index('ix_escalation_at')
    op.drop_table('escalation')
    with op.batch_alter_table('deferral', schema=None) as batch_op:
        batch_op.drop_index('uq_deferral_open', sqlite_where=sa.text("state IN ('offered', 'agreed')"), postgresql_where=sa.text("state IN ('offered', 'agreed')"))
        batch_op.drop_index('ix_deferral_ticket')
    op.drop_table('deferral')
    op.drop_table('welcome_sent')
    op.drop_table('support_channel')
    with op.batch_alter_table('problem', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_problem_scope'))
    op.drop_table('problem')
    op.drop_table('policy_document')
    with op.batch_alter_table('matrix_issue', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_matrix_issue_service_id'))
    op.drop_table('matrix_issue')
