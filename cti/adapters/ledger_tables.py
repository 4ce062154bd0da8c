"""The tables of reconciliation: the ledger's visits and cursors, differences, versions of calls, gaps."""

from sqlalchemy import BigInteger, Column, Double, Index, Integer, Table, Text

from cti.adapters.database import METADATA

LEDGER_CURSORS = Table(
    "ledger_cursors",
    METADATA,
    Column("pbx", Text, primary_key=True),
    Column("place", Text),  # JSON, the source's own
    Column("memento", Text),  # JSON, of the reader behind that place
    Column("steps", Integer, nullable=False),
    Column("began_at", Double, nullable=False),
)

LEDGER_VISITS = Table(
    "ledger_visits",
    METADATA,
    Column("pbx", Text, primary_key=True),
    Column("uniqueid", Text, primary_key=True),
    Column("joined_second", BigInteger, primary_key=True),
    Column("nth_in_second", Integer, primary_key=True),
    Column("number_in_call", Integer, nullable=False),
    Column("queue", Text, nullable=False),
    Column("joined_at", Double, nullable=False),
    Column("settled_at", Double),  # null: no line has ended it
    Column("entry", Text, nullable=False),  # JSON: all the ledger told
    Column("state", Text, nullable=False),  # open, waiting, live, agreed, explained, repaired, unexplained
    Column("retry_at", Double, nullable=False),
    Column("checked_at", Double),
    Column("our_call", Text),
    Column("our_number", Integer),
    Column("our_version", Integer),  # of the call, when it was repaired
    Index("ix_ledger_visits_pbx_state_settled_at", "pbx", "state", "settled_at"),
    Index("ix_ledger_visits_pbx_joined_at", "pbx", "joined_at"),
    Index("ix_ledger_visits_our_call", "our_call", "our_number"),
)

LEDGER_DIFFERENCES = Table(
    "ledger_differences",
    METADATA,
    Column("id", Text, primary_key=True),  # made of what it is about: the same difference is the same row
    Column("pbx", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("cause", Text),
    Column("queue", Text, nullable=False),
    Column("uniqueid", Text, nullable=False),
    Column("joined_at", Double, nullable=False),
    Column("ended_at", Double),
    Column("call", Text),
    Column("ours", Text),
    Column("ledger", Text),
    Column("found_at", Double, nullable=False),
    Index("ix_ledger_differences_pbx_state_kind", "pbx", "state", "kind"),
    Index("ix_ledger_differences_joined_at", "joined_at"),
    Index("ix_ledger_differences_call", "call"),
)

CALL_VERSIONS = Table(
    "call_versions",
    METADATA,
    Column("call", Text, primary_key=True),
    Column("version", Integer, primary_key=True),  # the version that was replaced
    Column("pbx", Text, nullable=False),
    Column("at", Double, nullable=False),
    Column("cause", Text, nullable=False),
    Column("changes", Text, nullable=False),  # JSON
    Column("story", Text),  # the whole story before; null: there was none
    Column("told", Integer, nullable=False),  # 1: its event was published
    Index("ix_call_versions_pbx_told", "pbx", "told"),
)

GAPS = Table(
    "gaps",
    METADATA,
    Column("pbx", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("since", Double, primary_key=True),
    Column("until", Double),
    Column("opened_at", Double, nullable=False),
    Column("first", BigInteger),
    Column("last", BigInteger),
    Column("state", Text, nullable=False),
    Column("closed_at", Double),
    Column("evidence", Text, nullable=False),  # JSON
    Index("ix_gaps_pbx_state", "pbx", "state"),
    Index("ix_gaps_pbx_until", "pbx", "until"),
)

LISTENING = Table(
    "listening",
    METADATA,
    Column("pbx", Text, primary_key=True),
    Column("until", Double, nullable=False),  # we were there, a few seconds ago at most
)
