"""The tables finished calls are kept in: one row a call with its whole story, and rows for what is counted."""

from sqlalchemy import Column, Double, Index, Integer, Table, Text

from cti.adapters.database import METADATA

CALLS = Table(
    "calls",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("pbx", Text, nullable=False),
    Column("direction", Text, nullable=False),
    Column("caller_number", Text),
    Column("caller_name", Text),
    Column("customer", Text),
    Column("tier", Text),
    Column("queue", Text),  # of the last visit, or the one that refused the call
    Column("outcome", Text),
    Column("agent", Text),
    Column("wait_seconds", Double),
    Column("talk_seconds", Double),
    Column("hold_seconds", Double),
    Column("started_at", Double, nullable=False),
    Column("ended_at", Double),
    Column("story", Text, nullable=False),  # the call as JSON, see cti/domain/export.py
    Column("source", Text, nullable=False, server_default="live"),  # live; ledger: we never heard it
    Column("version", Integer, nullable=False, server_default="1"),  # one more with every correction
    Index("ix_calls_started_at", "started_at"),
    Index("ix_calls_ended_at", "ended_at"),
    Index("ix_calls_customer", "customer"),
    Index("ix_calls_caller_number", "caller_number"),
)

VISITS = Table(
    "visits",
    METADATA,
    Column("call", Text, primary_key=True),
    Column("number_in_call", Integer, primary_key=True),
    Column("pbx", Text, nullable=False),
    Column("uniqueid", Text, nullable=False),
    Column("queue", Text, nullable=False),
    Column("tier", Text),
    Column("joined_at", Double, nullable=False),
    Column("original_position", Integer),
    Column("outcome", Text),
    Column("outcome_at", Double),
    Column("wait_seconds", Double),
    Column("agent", Text),
    Column("talk_seconds", Double),
    Column("hold_seconds", Double),
    Column("ended_at", Double),
    Column("ended_by", Text),
    Column("caller_number", Text),
    Index("ix_visits_joined_at", "joined_at"),
    Index("ix_visits_uniqueid", "uniqueid"),
)

SEGMENTS = Table(
    "segments",
    METADATA,
    Column("call", Text, primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("pbx", Text, nullable=False),
    Column("agent", Text, nullable=False),
    Column("queue", Text),
    Column("tier", Text),
    Column("began_at", Double, nullable=False),
    Column("ended_at", Double),
    Column("talk_seconds", Double, nullable=False),
    Column("hold_seconds", Double, nullable=False),
    Column("hold_count", Integer, nullable=False),
    Column("transferred", Integer, nullable=False),
    Column("wrap_up_seconds", Double),
    Column("direction", Text, nullable=False),
    Index("ix_segments_began_at", "began_at"),
    Index("ix_segments_channel", "channel"),
)

OFFERS = Table(
    "offers",
    METADATA,
    Column("call", Text, primary_key=True),
    Column("number_in_call", Integer, primary_key=True),
    Column("queue", Text),
    Column("agent", Text, nullable=False),
    Column("rung_at", Double, nullable=False),
    Column("result", Text),
    Column("ring_seconds", Double),
    Index("ix_offers_rung_at", "rung_at"),
)

BLOCKED = Table(
    "blocked_calls",
    METADATA,
    Column("call", Text, primary_key=True),
    Column("number_in_call", Integer, primary_key=True),
    Column("at", Double, nullable=False),
    Column("queue", Text),
    Column("tier", Text),
    Column("reason", Text, nullable=False),
    Index("ix_blocked_calls_at", "at"),
)

AGENT_STATES = Table(
    "agent_states",
    METADATA,
    Column("agent", Text, primary_key=True),
    Column("at", Double, primary_key=True),
    Column("state", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("pbx", Text),
)
