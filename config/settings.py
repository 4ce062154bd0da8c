"""Every setting of an installation: environment `CTI_*` (`__` nests) or `cti.toml`. Business rules are policy files."""

import os
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from cti.domain.access import Role

SHIPPED_SECRETS = frozenset({"tierline-events", "tierline-actions", "tierline-demo", "tierline-server"})
"""Secrets that stand in the shipped files: everybody knows them, so they open nothing outside the demo."""


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError("no such time zone; say Asia/Shanghai, Europe/Berlin …") from None
    return name


class SettingsError(Exception):
    """The settings cannot be used."""


class Part(BaseModel):
    """A group of settings; a name it does not know is a mistake."""

    model_config = ConfigDict(extra="forbid")


class Ami(Part):
    """The line to the switch."""

    host: str = ""  # empty: the embedded simulated PBX
    port: int = 5038
    pbx: str = Field(default="pbx1", pattern=r"^[A-Za-z0-9._-]{1,40}$")  # in ids, topics and labels
    events_username: str = "cti-events"
    events_secret: SecretStr = SecretStr("tierline-events")
    actions_username: str = "cti-actions"
    actions_secret: SecretStr = SecretStr("tierline-actions")
    ping_seconds: float = Field(default=3.0, gt=0)
    fallback_encoding: str = "latin-1"  # for names that are not UTF-8; gb18030 in China
    etc: Path | None = None  # the switch's /etc/asterisk, where preflight can read it


class Database(Part):
    """`sqlite+aiosqlite:///file` or `postgresql+asyncpg://user:password@host/name`."""

    url: str = "sqlite+aiosqlite:///.run/tierline.db"


class Journal(Part):
    """Where all that the switches tell is written down, for recovery and for looking back. Personal data: keep it short."""

    folder: Path = Path(".run/journal")
    keep_days: float = Field(default=7.0, gt=0)
    keep_megabytes: int = Field(default=4096, ge=256)  # of each switch; what recovery needs stays in any case


class Mqtt(Part):
    """The broker."""

    url: str = "mqtt://127.0.0.1:1883"  # mqtt://user:password@host:1883 or mqtts://…
    old_protocol: bool = (
        False  # for a broker that knows only MQTT 3.1.1 (the demo's own): pops do not expire there
    )
    call_events: bool = (
        True  # publish each call's events, for programs that listen: half of what a call costs there
    )


class Http(Part):
    """Where browsers, Prometheus and other programs reach us."""

    host: str = "127.0.0.1"
    port: int = 8080
    secure_cookies: bool = False  # True behind TLS
    requests_a_minute: int = Field(default=1200, ge=60)  # of one user, or of one API token
    proxies: str = "127.0.0.1"  # addresses or networks of proxies in front, with commas; their X-Forwarded-For is believed
    sign_ins_a_minute: int = Field(default=120, ge=5)  # from one address: a whole house may share one


class FastAgi(Part):
    """Where the dialplan asks who goes first."""

    host: str = "127.0.0.1"
    port: int = 4573
    lookup_seconds: float = Field(default=0.3, gt=0, lt=0.5)  # the dialplan goes on by itself after 0.5


class Ledger(Part):
    """The switch's own ledgers: what our records are held against. Without one, nothing is ever verified."""

    file: Path | None = None  # queue_log
    database_url: str = ""  # postgresql+asyncpg://…, where the switch writes its queue_log to a table
    table: str = "queue_log"
    gmt: bool = False  # the table's times: queue_log_realtime_use_gmt=yes; else they are in CTI_TIMEZONE
    cdr: Path | None = None  # cdr-csv/Master.csv, with usegmtime=yes
    cel: Path | None = None  # cel-custom/Master.csv, as shipped
    settle_seconds: float = Field(default=5.0, ge=1)  # after a visit's end, before it is compared


class Recordings(Part):
    """Where the switch leaves recordings, where they are kept, and which master keys seal them."""

    incoming: Path = Path(".run/monitor")
    store: Path = Path(".run/recordings")
    master_keys: SecretStr = SecretStr("")  # 32 bytes in base64 each, with commas; the first one seals
    key_file: Path | None = None  # the same, one a line, when there are none above; by itself: <store>.key
    s3_bucket: str = ""  # empty: the folder `store`
    s3_endpoint: str = ""  # https://…; empty: AWS
    s3_region: str = "us-east-1"
    s3_prefix: str = ""
    s3_access_key: str = ""  # both empty: the machine's own role
    s3_secret_key: SecretStr = SecretStr("")
    transcription_model: Path | None = None  # a local model's folder; None: nothing is transcribed
    transcription_language: str = ""  # as zh; empty: each recording's own is found
    hearing_processes: int = Field(default=1, ge=1, le=16)  # of lowest priority; 1,000 hours an hour each

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if bool(self.s3_access_key) != bool(self.s3_secret_key.get_secret_value()):
            raise ValueError("s3_access_key and s3_secret_key go together")
        if not self.s3_bucket and (self.s3_endpoint or self.s3_access_key or self.s3_prefix):
            raise ValueError("a bucket needs its name: s3_bucket")
        if self.s3_endpoint and not self.s3_endpoint.startswith(("http://", "https://")):
            raise ValueError("s3_endpoint begins with https:// (or http://)")
        return self


class Switch(Part):
    """One switch: the line to it, its ledgers, and the folder it leaves recordings in."""

    ami: Ami
    ledger: Ledger = Ledger()
    recordings_incoming: Path = Path(".run/monitor")


class Phone(Part):
    """The browser softphone's way to the switch."""

    websocket_url: str = ""  # ws://pbx:8088/ws; empty: no browser phones
    sip_domain: str = ""


class Oidc(Part):
    """Signing in at an identity provider (OpenID Connect). Its claims give login, role, agent and teams."""

    issuer: str = ""  # https://id.example.com/realms/centre; empty: passwords alone
    name: str = "Single sign-on"  # stands on the button
    client_id: str = ""
    client_secret: SecretStr = SecretStr("")  # empty: a public client
    redirect_uri: str = ""  # https://our.address/api/v1/session/provider/callback, as registered there
    scopes: str = "openid profile email"
    login_claim: str = "preferred_username"
    name_claim: str = "name"
    agent_claim: str = "agent"
    role_claim: str = "groups"  # dots lead into objects: realm_access.roles
    roles: dict[str, Role] = {}
    team_claim: str = "groups"
    teams: dict[str, str] = {}

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.issuer and not (self.client_id and self.redirect_uri and self.roles):
            raise ValueError("an issuer needs client_id, redirect_uri and roles beside it")
        return self


class Mail(Part):
    """The mail server through which reports are sent."""

    host: str = ""  # empty: none, and nothing is sent
    port: int = Field(default=587, ge=1, le=65_535)
    security: Literal["starttls", "tls", "none"] = "starttls"  # tls: from the first byte, mostly port 465
    username: str = ""  # empty: it asks for none
    password: SecretStr = SecretStr("")
    sender: str = ""  # tierline@example.com

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.host and "@" not in self.sender:
            raise ValueError("a host needs the sender's address beside it")
        if self.username and self.security == "none":
            raise ValueError("a password is not sent in the open: set security to starttls or tls")
        return self


class Policies(Part):
    """The folder of business rules: routing, KPI, recordings, scorecards."""

    folder: Path = Path(__file__).parent / "policies"


class Settings(BaseSettings):
    """One installation."""

    model_config = SettingsConfigDict(
        env_prefix="CTI_",
        env_nested_delimiter="__",
        toml_file="cti.toml",
        extra="forbid",
        env_file=".env",
        dotenv_filtering="match_prefix",
    )

    demo: bool = False  # accepts shipped secrets, runs what is missing embedded
    timezone: Annotated[str, AfterValidator(_known_zone)] = "UTC"  # the site's, for days and intervals
    region: str = Field(default="CN", pattern="^[A-Z]{2}$")  # of numbers without a country code
    after_call_work_seconds: float = Field(default=30.0, ge=0)  # 0: none
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    ami: Ami = Ami()
    database: Database = Database()
    journal: Journal = Journal()
    mqtt: Mqtt = Mqtt()
    http: Http = Http()
    fastagi: FastAgi = FastAgi()
    ledger: Ledger = Ledger()
    recordings: Recordings = Recordings()
    phone: Phone = Phone()
    oidc: Oidc = Oidc()
    mail: Mail = Mail()
    policies: Policies = Policies()
    switches: tuple[Switch, ...] = ()  # further ones, beside that of CTI_AMI__…: `[[switches]]` in cti.toml

    @property
    def every_switch(self) -> tuple[Switch, ...]:
        first = Switch(ami=self.ami, ledger=self.ledger, recordings_incoming=self.recordings.incoming)
        return (first, *self.switches)

    @property
    def refused_passwords(self) -> frozenset[str]:
        """Of people: those that everybody knows, but in the demo, which shows them."""
        return frozenset() if self.demo else SHIPPED_SECRETS

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = [switch.ami.pbx for switch in self.every_switch]
        if len(set(names)) < len(names):
            raise ValueError("two switches have one name: give each its own `pbx`")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003  pydantic names the parameters
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then the environment, then `.env`, then `cti.toml`."""
        return init_settings, env_settings, dotenv_settings, TomlConfigSettingsSource(settings_cls)


def load(**given: Any) -> Settings:
    """The settings of this installation; every mistake is one line that names the variable."""
    try:
        settings = Settings(**given)
    except ValidationError as problem:
        lines = [
            f"CTI_{'__'.join(str(part).upper() for part in error['loc'])}: {error['msg']}"
            for error in problem.errors()
        ]
        raise SettingsError("; ".join(lines)) from None
    except tomllib.TOMLDecodeError as problem:
        raise SettingsError(f"cti.toml: {problem}") from None
    unknown = sorted(_unknown_variables())
    if unknown:
        raise SettingsError(f"{', '.join(unknown)}: no such setting; .env.example lists all")
    _refuse_shipped_secrets(settings)
    return settings


def _unknown_variables() -> set[str]:
    return {name for name in os.environ if name.startswith("CTI_")} - set(variables())


def variables() -> dict[str, Any]:
    """Every environment variable and its default."""
    found: dict[str, Any] = {}
    for name, field in Settings.model_fields.items():
        default = field.default
        if isinstance(default, BaseModel):
            for inner, inner_field in type(default).model_fields.items():
                found[f"CTI_{name}__{inner}".upper()] = inner_field.default
        else:
            found[f"CTI_{name}".upper()] = default
    return found


def _refuse_shipped_secrets(settings: Settings) -> None:
    """Outside the demo a secret that stands in the repository is no secret."""
    if settings.demo:
        return
    for place, switch in enumerate(settings.every_switch):
        of = f"CTI_SWITCHES[{place - 1}].ami." if place else "CTI_AMI__"
        for name in ("events_secret", "actions_secret"):
            secret = getattr(switch.ami, name).get_secret_value()
            if switch.ami.host and secret in SHIPPED_SECRETS:
                raise SettingsError(
                    f"{of}{name if place else name.upper()}: the shipped secret is refused; "
                    "set your own in manager.conf and here"
                )
