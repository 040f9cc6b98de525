"""lists: full-text search, indexes of the lists, saved views, figures by day"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import models.columns

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_contact_state", "contact", ("state", "arrived_at", "id")),
    ("ix_contact_verdict_at", "contact", ("verdict", "arrived_at", "id")),
    ("ix_contact_channel", "contact", ("channel", "arrived_at", "id")),
    ("ix_contact_from", "contact", ("from_address", "arrived_at", "id")),
    ("ix_contact_filed", "contact", ("filed_at",)),
    ("ix_ticket_state", "ticket", ("state", "opened_at", "id")),
    ("ix_ticket_priority", "ticket", ("priority", "opened_at", "id")),
    ("ix_ticket_impact", "ticket", ("impact", "opened_at", "id")),
    ("ix_ticket_for_review", "ticket", ("review", "opened_at", "id")),
    ("ix_ticket_customer_opened", "ticket", ("customer_id", "opened_at", "id")),
    ("ix_ticket_last_contact", "ticket", ("last_contact_at", "id")),
    ("ix_ticket_resolved", "ticket", ("resolved_at",)),
    ("ix_outbox_contact", "outbox", ("contact_id", "sent_at")),
    ("ix_outbox_created", "outbox", ("created_at", "id")),
    ("ix_outbox_state", "outbox", ("state", "created_at", "id")),
    ("ix_outbox_event", "outbox", ("event", "created_at", "id")),
    ("ix_outbox_sent", "outbox", ("sent_at",)),
    ("ix_customer_name", "customer", ("name", "id")),
    ("ix_service_site", "service", ("site", "id")),
    ("ix_notice_start", "carrier_notice", ("starts_at", "id")),
    ("ix_label_at", "labelled_value", ("at", "field", "confirmed")),
)

# What most lists show is a small part of a table that goes back for years: an index of that part alone. The condition is
# written out in the questions too (models/tables.py), because SQLite compares it word by word.
OPEN = "state NOT IN ('resolved', 'closed', 'merged')"
PARTS = (
    ("ix_ticket_open", "ticket", ("opened_at", "id", "state", "priority", "impact", "review", "customer_id"), OPEN),
    ("ix_ticket_open_silent", "ticket", ("last_contact_at", "id", "state", "priority", "impact", "review", "customer_id"), OPEN),
    ("ix_ticket_open_priority", "ticket", ("priority", "opened_at", "id", "state", "impact"), OPEN),
    ("ix_ticket_open_impact", "ticket", ("impact", "opened_at", "id", "state", "priority"), OPEN),
    ("ix_ticket_open_review", "ticket", ("review", "opened_at", "id", "state"), OPEN),
    ("ix_ticket_open_customer", "ticket", ("customer_id", "opened_at", "id", "state"), OPEN),
    # Not `IS NULL`: there is an index on the ticket, and it would be taken for the better one.
    ("ix_contact_no_ticket", "contact", ("state", "arrived_at", "id", "verdict", "channel"), "coalesce(ticket_id, '') = ''"),
)

# What a service is looked for by. The database derives the column: PostgreSQL generates it, SQLite sets it by triggers, because
# its index of a generated column cannot stand for the table.
SERVICE_WORDS = (
    "lower(id || ' ' || product || ' ' || site || ' ' || CAST(circuits AS TEXT) || ' ' || CAST(prefixes AS TEXT))"
)

# The words of a contact: who and what for, its text, and the IDs that were read. A row of `reading` alone says them, so
# that triggers keep the index in the very transaction that writes, changes or deletes the row, whoever does it.
_LITE_READING = (
    "{r}.head || ' ' || substr(coalesce(json_extract({r}.data, '$.text'), ''), 1, 100000)"
    " || ' ' || coalesce(json_extract({r}.data, '$.service_ids'), '') || ' ' || coalesce(json_extract({r}.data, '$.circuit_ids'), '')"
)
_FIELDS = ("service_id", "circuit_id", "ip_address", "description")
_LITE_TICKET = "{r}.id || ' ' || {r}.subject || ' ' || {r}.company || ' ' || {r}.requester || ' ' || {r}.resolution" + "".join(
    f" || ' ' || substr(coalesce(json_extract({{r}}.report, '$.{f}.values'), ''), 1, 20000)" for f in _FIELDS
)
_TOKENS = "tokenize = 'porter unicode61 remove_diacritics 2', columnsize = 0"


def _sqlite_up() -> None:
    mine = f"UPDATE service SET words = {SERVICE_WORDS}"
    for statement in (
        "ALTER TABLE service ADD COLUMN words TEXT NOT NULL DEFAULT ''",
        mine,
        "CREATE INDEX ix_service_words ON service(id, words)",
        f"CREATE TRIGGER service_words_added AFTER INSERT ON service BEGIN {mine} WHERE id = new.id; END",
        f"CREATE TRIGGER service_words_changed AFTER UPDATE OF id, product, site, circuits, prefixes ON service BEGIN"
        f" {mine} WHERE id = new.id; END",
    ):
        op.get_bind().exec_driver_sql(statement)
    old, new = _LITE_READING.format(r="old"), _LITE_READING.format(r="new")
    for statement in (
        f"CREATE VIRTUAL TABLE contact_search USING fts5(doc, content = '', {_TOKENS})",
        f"INSERT INTO contact_search(rowid, doc) SELECT contact_id, {_LITE_READING.format(r='reading')} FROM reading",
        f"CREATE TRIGGER reading_search_added AFTER INSERT ON reading BEGIN"
        f" INSERT INTO contact_search(rowid, doc) VALUES (new.contact_id, {new}); END",
        f"CREATE TRIGGER reading_search_gone AFTER DELETE ON reading BEGIN"
        f" INSERT INTO contact_search(contact_search, rowid, doc) VALUES ('delete', old.contact_id, {old}); END",
        f"CREATE TRIGGER reading_search_changed AFTER UPDATE OF head, data ON reading WHEN {old} <> {new} BEGIN"
        f" INSERT INTO contact_search(contact_search, rowid, doc) VALUES ('delete', old.contact_id, {old});"
        f" INSERT INTO contact_search(rowid, doc) VALUES (new.contact_id, {new}); END",
    ):
        op.get_bind().exec_driver_sql(statement)
    # A ticket's key is text; its place in the index is a number of its own, which VACUUM leaves alone.
    old, new = _LITE_TICKET.format(r="old"), _LITE_TICKET.format(r="new")
    number = "(SELECT number FROM ticket_search_number WHERE ticket_id = {r}.id)"
    for statement in (
        "CREATE TABLE ticket_search_number (number INTEGER PRIMARY KEY AUTOINCREMENT, ticket_id VARCHAR NOT NULL UNIQUE)",
        f"CREATE VIRTUAL TABLE ticket_search USING fts5(doc, content = '', {_TOKENS})",
        "INSERT INTO ticket_search_number(ticket_id) SELECT id FROM ticket ORDER BY opened_at, id",
        f"INSERT INTO ticket_search(rowid, doc) SELECT n.number, {_LITE_TICKET.format(r='t')}"
        " FROM ticket_search_number n JOIN ticket t ON t.id = n.ticket_id ORDER BY n.number",
        f"CREATE TRIGGER ticket_search_added AFTER INSERT ON ticket BEGIN"
        f" INSERT INTO ticket_search_number(ticket_id) VALUES (new.id);"
        f" INSERT INTO ticket_search(rowid, doc) VALUES ({number.format(r='new')}, {new}); END",
        f"CREATE TRIGGER ticket_search_gone AFTER DELETE ON ticket BEGIN"
        f" INSERT INTO ticket_search(ticket_search, rowid, doc) VALUES ('delete', {number.format(r='old')}, {old});"
        f" DELETE FROM ticket_search_number WHERE ticket_id = old.id; END",
        f"CREATE TRIGGER ticket_search_changed AFTER UPDATE OF subject, company, requester, resolution, report ON ticket"
        f" WHEN {old} <> {new} BEGIN"
        f" INSERT INTO ticket_search(ticket_search, rowid, doc) VALUES ('delete', {number.format(r='old')}, {old});"
        f" INSERT INTO ticket_search(rowid, doc) VALUES ({number.format(r='new')}, {new}); END",
    ):
        op.get_bind().exec_driver_sql(statement)


def _sqlite_down() -> None:
    for table, what in (("reading", ("added", "gone", "changed")), ("ticket", ("added", "gone", "changed"))):
        for name in what:
            op.execute(f"DROP TRIGGER {table}_search_{name}")
    for table in ("contact_search", "ticket_search", "ticket_search_number"):
        op.execute(f"DROP TABLE {table}")
    for name in ("added", "changed"):
        op.execute(f"DROP TRIGGER service_words_{name}")
    op.drop_index("ix_service_words", table_name="service")


def _postgres_up() -> None:
    """The words as functions of a row with a GIN index on each; English stems and no stop words: "down" is a word here."""
    s = op.get_bind().execute(sa.text("SELECT quote_ident(current_schema())")).scalar_one()
    kinds = "asciiword, word, numword, asciihword, hword, numhword, hword_asciipart, hword_part, hword_numpart"
    # Names are qualified, because ANALYZE and a restore run these with an empty search path.
    bare = "left(t, 100000)"
    if op.get_bind().exec_driver_sql("SHOW server_encoding").scalar_one() == "UTF8":
        bare = f"regexp_replace(normalize({bare}, NFKD), '[\u0300-\u036f]', '', 'g')"
    bare = f"regexp_replace({bare}, '[^[:alnum:]]+', ' ', 'g')"
    fields = " || ' ' || ".join(f"left(coalesce(report #>> '{{{f},values}}', ''), 20000)" for f in _FIELDS)
    for statement in (
        f"ALTER TABLE service ADD COLUMN words TEXT GENERATED ALWAYS AS ({SERVICE_WORDS}) STORED",
        f"CREATE TEXT SEARCH DICTIONARY {s}.intake_stem (TEMPLATE = pg_catalog.snowball, LANGUAGE = english)",
        f"CREATE TEXT SEARCH CONFIGURATION {s}.intake (COPY = pg_catalog.simple)",
        f"ALTER TEXT SEARCH CONFIGURATION {s}.intake ALTER MAPPING FOR {kinds} WITH {s}.intake_stem",
        f"CREATE FUNCTION {s}.intake_words(t text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS"
        f" $f$ SELECT to_tsvector('{s}.intake'::regconfig, {bare}) $f$",
        f"CREATE FUNCTION {s}.intake_contact_words(head text, data jsonb) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE"
        f" AS $f$ SELECT {s}.intake_words(head || ' ' || coalesce(data ->> 'service_ids', '') || ' ' ||"
        f" coalesce(data ->> 'circuit_ids', '') || ' ' || coalesce(data ->> 'text', '')) $f$",
        f"CREATE FUNCTION {s}.intake_ticket_words(words text, report jsonb) RETURNS tsvector LANGUAGE sql IMMUTABLE"
        f" PARALLEL SAFE AS $f$ SELECT {s}.intake_words(words || ' ' || {fields}) $f$",
        f"CREATE INDEX ix_reading_search ON reading USING gin ({s}.intake_contact_words(head, data))",
        f"CREATE INDEX ix_ticket_search ON ticket USING gin ({s}.intake_ticket_words(id || ' ' || subject || ' ' || company"
        f" || ' ' || requester || ' ' || resolution, report))",
    ):
        op.get_bind().exec_driver_sql(statement)


def _postgres_down() -> None:
    for statement in (
        "DROP INDEX ix_reading_search",
        "DROP INDEX ix_ticket_search",
        "DROP FUNCTION intake_contact_words(text, jsonb)",
        "DROP FUNCTION intake_ticket_words(text, jsonb)",
        "DROP FUNCTION intake_words(text)",
        "DROP TEXT SEARCH CONFIGURATION intake",
        "DROP TEXT SEARCH DICTIONARY intake_stem",
    ):
        op.execute(statement)


def upgrade() -> None:
    # What search finds beside the text: sender, company, subject.
    op.add_column("reading", sa.Column("head", sa.Text(), nullable=False, server_default=""))
    op.execute(
        "UPDATE reading SET head = (SELECT c.from_address || ' ' || coalesce(t.company, '') || ' ' || c.subject FROM contact c"
        " LEFT JOIN ticket t ON t.id = c.ticket_id WHERE c.id = reading.contact_id)"
    )
    for name, table, columns in INDEXES:
        op.create_index(name, table, list(columns))
    for name, table, columns, where in PARTS:
        op.create_index(name, table, list(columns), sqlite_where=sa.text(where), postgresql_where=sa.text(where))
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("owner", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("listing", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("created_at", models.columns.UtcDateTime(), nullable=False),
        sa.UniqueConstraint("owner", "listing", "name", name="uq_saved_view"),
    )
    op.create_index("ix_saved_view_listing", "saved_view", ["listing", "shared"])
    op.create_table(
        "day_figure",
        sa.Column("day", sqlmodel.sql.sqltypes.AutoString(), primary_key=True),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), primary_key=True),
        sa.Column("part", sqlmodel.sql.sqltypes.AutoString(), primary_key=True),
        sa.Column("number", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "day_counted",
        sa.Column("day", sqlmodel.sql.sqltypes.AutoString(), primary_key=True),
        sa.Column("counted_at", models.columns.UtcDateTime(), nullable=False),
    )
    if op.get_bind().dialect.name == "sqlite":
        _sqlite_up()
    else:
        _postgres_up()


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _sqlite_down()
    else:
        _postgres_down()
    for table in ("day_counted", "day_figure", "saved_view"):
        op.drop_table(table)
    for name, table, *_ in reversed((*INDEXES, *PARTS)):
        op.drop_index(name, table_name=table)
    op.execute("ALTER TABLE service DROP COLUMN words")
    op.execute("ALTER TABLE reading DROP COLUMN head")
