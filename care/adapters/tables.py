"""The tables of promises.

Two unique columns hold what must never be: `open_key` is the number and queue while a promise is open, `calling` the number
while a call for it may exist; both are null otherwise, and nulls never clash.
"""

from sqlalchemy import Boolean, Column, Double, Index, Integer, String, Table, Text

from cti.adapters.database import METADATA

CALLBACKS = Table(
    "callbacks",
    METADATA,
    Column("id", String(80), primary_key=True),
    Column("pbx", Text, nullable=False),
    Column("queue", String(128), nullable=False),
    Column("number", String(40), nullable=False),
    Column("tier", String(16), nullable=False),
    Column("customer", String(200)),
    Column("name", Text),
    Column("source", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("first_call", String(200)),
    Column("joined_at", Double, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("not_before", Double, nullable=False),
    Column("due_at", Double, nullable=False),
    Column("state", String(20), nullable=False),
    Column("changed_at", Double, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("rings", Integer, nullable=False),
    Column("agent", String(80)),
    Column("passed_by", String(80)),
    Column("call", String(200)),
    Column("why", String(40), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("open_key", String(170)),
    Column("calling", String(40)),
    Index("uq_callbacks_open_key", "open_key", unique=True),
    Index("uq_callbacks_calling", "calling", unique=True),
    Index("ix_callbacks_state_due_at", "state", "due_at"),
    Index("ix_callbacks_first_call", "first_call"),
)

RESCUES = Table(
    "rescues",
    METADATA,
    Column("id", String(220), primary_key=True),
    Column("pbx", Text, nullable=False),
    Column("queue", String(128), nullable=False),
    Column("number", String(40)),
    Column("tier", String(16), nullable=False),
    Column("customer", String(200)),
    Column("name", Text),
    Column("first_call", String(200), nullable=False),
    Column("abandoned_at", Double, nullable=False),
    Column("waited", Double, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("due_at", Double, nullable=False),
    Column("state", String(20), nullable=False),
    Column("changed_at", Double, nullable=False),
    Column("times", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("agent", String(80)),
    Column("claimed_by", String(200)),
    Column("call", String(200)),
    Column("overdue", Boolean, nullable=False),
    Column("why", String(500), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("open_key", String(170)),
    Column("calling", String(40)),
    Index("uq_rescues_open_key", "open_key", unique=True),
    Index("uq_rescues_calling", "calling", unique=True),
    Index("ix_rescues_state_due_at", "state", "due_at"),
)

STORY = Table(
    "care_story",
    METADATA,
    Column("subject", String(220), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("at", Double, nullable=False),
    Column("step", String(20), nullable=False),
    Column("state", String(20), nullable=False),
    Column("agent", String(80)),
    Column("by", String(200)),
    Column("call", String(200)),
    Column("why", String(500), nullable=False),
    Column("told", Boolean, nullable=False),
    Index("ix_care_story_told_at", "told", "at"),
)
