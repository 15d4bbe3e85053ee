"""How Alembic reaches the warehouse: by the connection, and in the transaction, of lumbung.migrate."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection, version_table="alembic_version", version_table_schema="ops")
with context.begin_transaction():
    context.run_migrations()
