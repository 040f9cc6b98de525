"""access"""

from __future__ import annotations

import hashlib
import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlmodel.sql.sqltypes import AutoString

from models.columns import UtcDateTime

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def _json() -> sa.JSON:
    return sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    with op.batch_alter_table("user_account") as batch:
        batch.add_column(sa.Column("disabled", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.add_column(sa.Column("must_change", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.add_column(sa.Column("timezone", AutoString(), nullable=False, server_default=""))
        batch.add_column(sa.Column("subject", AutoString(), nullable=True))
        batch.add_column(sa.Column("created_at", UtcDateTime(), nullable=True))
        batch.add_column(sa.Column("last_sign_in", UtcDateTime(), nullable=True))
        batch.create_unique_constraint("uq_user_subject", ["subject"])
    with op.batch_alter_table("web_session") as batch:
        batch.add_column(sa.Column("ip", AutoString(), nullable=False, server_default=""))
        batch.add_column(sa.Column("agent", AutoString(), nullable=False, server_default=""))
        batch.create_index("ix_web_session_user_name", ["user_name"])
    with op.batch_alter_table("audit") as batch:
        batch.add_column(sa.Column("seq", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("hash", AutoString(), nullable=False, server_default=""))
        batch.add_column(sa.Column("subject", AutoString(), nullable=False, server_default=""))
        batch.add_column(sa.Column("ip", AutoString(), nullable=False, server_default=""))
        batch.add_column(sa.Column("before", _json(), nullable=True))
        batch.add_column(sa.Column("after", _json(), nullable=True))
    _chain_what_is_there()
    with op.batch_alter_table("audit") as batch:
        batch.alter_column("seq", existing_type=sa.Integer(), nullable=False)
        batch.create_unique_constraint("uq_audit_seq", ["seq"])
        batch.create_index("ix_audit_at", ["at"])
        batch.create_index("ix_audit_action", ["action"])
        batch.create_index("ix_audit_actor", ["actor", "seq"])
        batch.create_index("ix_audit_subject", ["subject", "seq"])
    op.create_table(
        "sign_in_failure",
        sa.Column("name", AutoString(), primary_key=True),
        sa.Column("ip", AutoString(), primary_key=True),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False, index=True),
        sa.Column("locked_until", UtcDateTime(), nullable=True),
    )
    op.create_table(
        "api_token",
        sa.Column("id", AutoString(), primary_key=True),
        sa.Column("name", AutoString(), nullable=False, unique=True),
        sa.Column("digest", AutoString(), nullable=False),
        sa.Column("scopes", _json(), nullable=False),
        sa.Column("owner", AutoString(), nullable=False, index=True),
        sa.Column("customer_id", AutoString(), nullable=True),
        sa.Column("per_minute", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("last_used_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_by", AutoString(), nullable=False),
    )
    op.create_table(
        "idempotent_answer",
        sa.Column("token_id", AutoString(), primary_key=True),
        sa.Column("key", AutoString(), primary_key=True),
        sa.Column("request", AutoString(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", _json(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False, index=True),
    )
    op.create_table(
        "event_hub",
        sa.Column("id", AutoString(), primary_key=True),
        sa.Column("token_id", AutoString(), sa.ForeignKey("api_token.id"), nullable=False, index=True),
        sa.Column("callback", AutoString(), nullable=False),
        sa.Column("query", AutoString(), nullable=False),
        sa.Column("customer_id", AutoString(), nullable=True),
        sa.Column("secret", AutoString(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_event", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("next_try_at", UtcDateTime(), nullable=True),
        sa.Column("last_error", AutoString(), nullable=False),
    )
    op.create_table(
        "external_id",
        sa.Column("owner", AutoString(), primary_key=True),
        sa.Column("value", AutoString(), primary_key=True),
        sa.Column("kind", AutoString(), primary_key=True),
        sa.Column("ticket_id", AutoString(), sa.ForeignKey("ticket.id"), nullable=False, index=True),
        sa.UniqueConstraint("ticket_id", "owner", "value", name="uq_external_id_ticket"),
    )


def downgrade() -> None:
    for table in ("external_id", "event_hub", "idempotent_answer", "api_token", "sign_in_failure"):
        op.drop_table(table)
    op.execute("DELETE FROM meta WHERE name = 'audit.head'")
    with op.batch_alter_table("audit") as batch:
        for index in ("ix_audit_subject", "ix_audit_actor", "ix_audit_action", "ix_audit_at"):
            batch.drop_index(index)
        batch.drop_constraint("uq_audit_seq", type_="unique")
        for column in ("after", "before", "ip", "subject", "hash", "seq"):
            batch.drop_column(column)
    with op.batch_alter_table("web_session") as batch:
        batch.drop_index("ix_web_session_user_name")
        batch.drop_column("agent")
        batch.drop_column("ip")
    with op.batch_alter_table("user_account") as batch:
        batch.drop_constraint("uq_user_subject", type_="unique")
        for column in ("last_sign_in", "created_at", "subject", "timezone", "must_change", "disabled"):
            batch.drop_column(column)


def _chain_what_is_there() -> None:
    """Rows from before the chain get their places in the order in which they were written."""
    audit = sa.table(
        "audit", sa.column("id"), sa.column("at", UtcDateTime()), sa.column("actor"), sa.column("action"),
        sa.column("detail", _json()), sa.column("seq"), sa.column("hash"),
    )  # fmt: skip
    connection = op.get_bind()
    seq, before = 0, ""
    for row in connection.execute(sa.select(audit).order_by(audit.c.id)).fetchall():
        seq += 1
        said = [before, seq, row.at.isoformat(timespec="microseconds"), row.actor, row.action, "", "", row.detail, None, None]
        whole = json.dumps(said, sort_keys=True, separators=(",", ":"), default=str)
        before = hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()
        connection.execute(sa.update(audit).where(audit.c.id == row.id).values(seq=seq, hash=before))
    if seq:
        connection.execute(sa.text("INSERT INTO meta (name, value) VALUES ('audit.head', :v)"), {"v": f"{seq}:{before}"})
