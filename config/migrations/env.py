"""Alembic's entry: it needs every table, so it lives on top."""

from importlib import import_module

from alembic import context

from cti.adapters.database import METADATA

TABLES_IN = (
    "cti.adapters.accounts",
    "cti.adapters.audit",
    "cti.adapters.call_tables",
    "cti.adapters.books",
    "cti.adapters.ledger_tables",
    "cti.adapters.outbox",
    "cti.adapters.webhooks",
    "cti.adapters.job_store",
    "cti.adapters.note_store",
    "cti.adapters.work_store",
    "care.adapters.tables",
    "care.adapters.survey_store",
    "cti.adapters.quality_book",
    "customers.adapters.store",
    "qa.adapters.draw_store",
    "qa.adapters.fairness_store",
    "qa.adapters.review_store",
    "qa.adapters.schedule_store",
    "qa.adapters.scorecard_shelf",
    "recordings.adapters.catalogue",
    "recordings.adapters.key_book",
    "recordings.adapters.note_store",
    "recordings.adapters.signal_store",
    "recordings.adapters.transcript_store",
    "recordings.adapters.pause_book",
    "cti.adapters.keeping_tables",
    "routing.adapters.decision_store",
    "routing.adapters.policy_shelf",
    "routing.adapters.surge_store",
)
for module in TABLES_IN:
    import_module(module)

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=METADATA, render_as_batch=connection.dialect.name == "sqlite"
)
with context.begin_transaction():
    context.run_migrations()
