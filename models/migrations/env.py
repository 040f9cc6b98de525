"""Alembic's entry: migrates the engine that models.store hands over, all steps in one transaction or none."""

from __future__ import annotations

from typing import Any

from alembic import context
from sqlalchemy import Engine, text
from sqlmodel import SQLModel

import models.all_tables  # noqa: F401

engine: Engine = context.config.attributes["engine"]
sqlite = engine.dialect.name == "sqlite"
with engine.execution_options(intake_write=True).connect() as connection:
    if sqlite:
        # SQLite changes a table by making it anew; the rows that point to it must not mind. Not possible inside a transaction.
        driver: Any = connection.connection.driver_connection
        driver.execute("PRAGMA foreign_keys=OFF")
    try:
        context.configure(
            connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True, transactional_ddl=True
        )
        with context.begin_transaction():
            if not sqlite:
                # Two that start at once over an empty database: the second finds it done.
                connection.execute(text("SELECT pg_advisory_xact_lock(7023716)"))
            context.run_migrations()
            if sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").first()):
                raise RuntimeError(f"the migration would break a reference of table {broken[0]}")
        connection.commit()
    finally:
        if sqlite:
            driver.execute("PRAGMA foreign_keys=ON")
