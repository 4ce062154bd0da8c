"""The tables of keeping and erasing: what must not be deleted, reports, and marks of numbers that were erased."""

from sqlalchemy import Column, Double, Index, String, Table, Text

from cti.adapters.database import METADATA

HOLDS = Table(
    "legal_holds",
    METADATA,
    Column("id", String(40), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("subject", String(250), nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", String(200), nullable=False),
    Column("at", Double, nullable=False),
    Column("lifted_at", Double),
    Column("lifted_by", String(200)),
    Column("lifted_because", Text),
    Index("ix_legal_holds_lifted_at", "lifted_at"),
)

REPORTS = Table(
    "keeping_reports",
    METADATA,
    Column("id", String(40), primary_key=True),
    Column("kind", String(16), nullable=False),  # erasure, retention
    Column("at", Double, nullable=False),
    Column("by", String(200), nullable=False),
    Column("report", Text, nullable=False),  # JSON, without anything personal
    Column("seal", String(64), nullable=False),  # SHA-256 of `report`
    Index("ix_keeping_reports_at", "at"),
)

ERASED = Table(
    "erased_numbers",
    METADATA,
    Column(
        "mark", String(64), primary_key=True
    ),  # keyed hash of a number: nobody can read it back without the key
    Column("at", Double, nullable=False),
)
