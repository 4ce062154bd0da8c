"""The tables of who may do what. Secrets stand in none of them, only their digests; second factors' keys must stand as they are."""

from sqlalchemy import Column, Double, ForeignKey, Index, Integer, Table, Text

from cti.adapters.database import METADATA

USERS = Table(
    "users",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("login", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("agent", Text),
    Column("language", Text, nullable=False),
    Column("password", Text, nullable=False),  # argon2; empty: signs in at the identity provider
    Column("sip_user", Text),
    Column("sip_password", Text),
    Column("deactivated_at", Double),
    Column("external", Text),  # issuer and subject at the identity provider
    Column("totp_secret", Text),
    Column("totp_since", Double),  # confirmed by a code; before that it is not asked for
    Column("totp_step", Integer),  # of the last code that was taken: none is taken twice
    Index("uq_users_external", "external", unique=True),
)

TEAMS = Table(
    "user_teams",
    METADATA,
    Column("user", Text, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("team", Text, primary_key=True),
)

RECOVERY_CODES = Table(
    "recovery_codes",
    METADATA,
    Column("user", Text, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("code", Text, primary_key=True),  # SHA-256
)

SESSIONS = Table(
    "sessions",
    METADATA,
    Column("token", Text, primary_key=True),  # SHA-256 of the secret the browser holds
    Column("user", Text, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("opened_at", Double, nullable=False),
    Column("seen_at", Double, nullable=False, server_default="0"),
    Column("address", Text, nullable=False, server_default=""),
    Column("browser", Text, nullable=False, server_default=""),
    Index("ix_sessions_user", "user"),
)

API_TOKENS = Table(
    "api_tokens",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("user", Text, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    Column("digest", Text, nullable=False, unique=True),  # SHA-256
    Column("scopes", Text, nullable=False),  # words with spaces between
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double),
    Column("used_at", Double),
    Index("ix_api_tokens_user", "user"),
)

FAILURES = Table(
    "sign_in_failures",
    METADATA,
    Column(
        "who", Text, primary_key=True
    ),  # SHA-256 of a login or an address: people type passwords there too
    Column("wrong", Integer, nullable=False),
    Column("since", Double, nullable=False),
    Column("closed_until", Double, nullable=False),
)
