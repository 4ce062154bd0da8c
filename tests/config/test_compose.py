"""`docker-compose.yml` and `Dockerfile` against the files and settings they name: no engine runs here, so all is compared."""

import os
import re
import socket
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

import jsonschema
import pytest
import yaml

from config.settings import SHIPPED_SECRETS, Settings, variables
from tests.servers import CONFIG, REPOSITORY
from tools.pbx import Pbx

TEXT = {"type": "string", "minLength": 1}
TEXTS = {"type": "array", "items": TEXT, "minItems": 1}
DURATION = {"type": "string", "pattern": r"^(\d+h)?(\d+m)?(\d+s)?$", "minLength": 2}
ENVIRONMENT = {
    "type": "object",
    "propertyNames": {"pattern": "^[A-Z][A-Z0-9_]*$"},
    "additionalProperties": {
        "type": "string"
    },  # a bare number or `true` would reach the program as something else
}
SERVICE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["image", "network_mode", "restart"],
    "properties": {
        # A name and a version, never `latest`.
        "image": {"type": "string", "pattern": r"^[a-z0-9]+([./-][a-z0-9]+)*:v?\d+(\.\d+)+[a-z0-9.-]*$"},
        "build": {
            "type": "object",
            "additionalProperties": False,
            "required": ["context", "target"],
            "properties": {"context": TEXT, "target": TEXT},
        },
        "network_mode": {"const": "host"},
        "restart": {"enum": ["no", "always", "on-failure", "unless-stopped"]},
        "logging": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "driver": TEXT,
                "options": {"type": "object", "additionalProperties": TEXT},
            },
        },
        "entrypoint": TEXTS,
        "command": TEXTS,
        "environment": ENVIRONMENT,
        "env_file": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["path"],
                "properties": {"path": TEXT, "required": {"type": "boolean"}},
            },
        },
        "volumes": {
            "type": "array",
            "uniqueItems": True,
            "items": {"type": "string", "pattern": r"^(\./[^:]+|[a-z-]+):/[^:]+(:ro)?$"},
        },
        "depends_on": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "additionalProperties": False,
                "required": ["condition"],
                "properties": {
                    "condition": {
                        "enum": ["service_started", "service_healthy", "service_completed_successfully"]
                    }
                },
            },
        },
        "healthcheck": {
            "type": "object",
            "additionalProperties": False,
            "required": ["test"],
            "properties": {
                "test": {
                    "type": "array",
                    "items": TEXT,
                    "minItems": 2,
                    "contains": {"enum": ["CMD", "CMD-SHELL"]},
                },
                "interval": DURATION,
                "timeout": DURATION,
                "start_period": DURATION,
                "retries": {"type": "integer"},
            },
        },
    },
}
COMPOSE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name", "services", "volumes"],
    "patternProperties": {"^x-": {}},
    "properties": {
        "name": {"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]*$"},
        "services": {"type": "object", "additionalProperties": SERVICE},
        "volumes": {"type": "object", "additionalProperties": {"type": "null"}},
    },
}


class StrictLoader(yaml.SafeLoader):
    """YAML, but a key that stands twice is a mistake."""


def _mapping(loader: StrictLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    keys = [key.value for key, _ in node.value]
    assert len(keys) == len(set(keys)), f"twice in {node.start_mark}: {keys}"
    loader.flatten_mapping(node)
    return {
        loader.construct_object(key, deep=True): loader.construct_object(value, deep=True)
        for key, value in node.value
    }


StrictLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)

COMPOSE_TEXT = (REPOSITORY / "docker-compose.yml").read_text(encoding="utf-8")
DOCKERFILE = re.sub(r"\\\n", " ", (REPOSITORY / "Dockerfile").read_text(encoding="utf-8"))
FILE: dict[str, Any] = yaml.load(COMPOSE_TEXT, StrictLoader)
SERVICES: dict[str, Any] = FILE["services"]
MOUNTS = [
    (name, *volume.split(":")[:2])
    for name, service in SERVICES.items()
    for volume in service.get("volumes", [])
]
CTI: dict[str, str] = SERVICES["cti"]["environment"]


def test_it_is_a_compose_file() -> None:
    jsonschema.validate(FILE, COMPOSE)
    assert sorted(SERVICES) == ["asterisk", "cti", "grafana", "mosquitto", "postgres", "prometheus"]


@pytest.mark.parametrize(("service", "source", "target"), MOUNTS)
def test_what_is_mounted_exists(service: str, source: str, target: str) -> None:
    if source.startswith("./"):
        assert (REPOSITORY / source).is_dir(), f"{service} mounts {source} at {target}"
    else:
        assert source in FILE["volumes"], f"{service} mounts the volume {source}, which is not declared"


def test_every_volume_is_used() -> None:
    assert set(FILE["volumes"]) == {source for _, source, _ in MOUNTS if not source.startswith("./")}


def test_who_waits_for_health_waits_for_somebody_who_tells_it() -> None:
    for name, service in SERVICES.items():
        for other, how in service.get("depends_on", {}).items():
            assert other in SERVICES, f"{name} waits for {other}"
            built = SERVICES[other].get("build", {}).get("target")
            tells = "healthcheck" in SERVICES[other] or (built and "HEALTHCHECK" in stage(built))
            assert tells or how["condition"] == "service_started", f"{name} waits for the health of {other}"


def test_the_servers_variables_are_settings() -> None:
    named = {
        name
        for service in SERVICES.values()
        for name in service.get("environment", {})
        if name.startswith("CTI_")
    }
    assert named <= set(variables())


def test_what_is_asked_of_the_environment_stands_in_the_example() -> None:
    example = (REPOSITORY / ".env.example").read_text(encoding="utf-8")
    asked = set(re.findall(r"\$\{([A-Z_]+)", COMPOSE_TEXT))
    assert asked
    assert asked == {name for name in asked if re.search(rf"^#{name}=", example, re.MULTILINE)}


def test_no_secret_stands_in_it() -> None:
    assert not [secret for secret in SHIPPED_SECRETS if secret in COMPOSE_TEXT]
    for name, service in SERVICES.items():
        for variable, value in service.get("environment", {}).items():
            if re.search("SECRET|PASSWORD|ACCOUNTS", variable):
                assert re.search(r"\$\{[A-Z_]+:\?", value), f"{name}: {variable} must be asked for"
            if "://" in value and "@" in value:
                assert re.search(r":\$\{[A-Z_]+:\?[^}]*\}@", value), f"{name}: {variable} carries a password"


# --- ports and paths, in the words of each program's own file ------------------------------------------------------


def asterisk(file: str, key: str) -> str:
    found = re.search(
        rf"^{key} *= *(\S+)", (CONFIG / "asterisk" / file).read_text(encoding="utf-8"), re.MULTILINE
    )
    assert found, f"{file} says nothing of {key}"
    return found[1]


def url(variable: str) -> SplitResult:
    return urlsplit(re.sub(r"\$\{[^}]*\}", "secret", CTI[variable]))


def option(service: str, flag: str) -> str:
    arguments: list[str] = SERVICES[service]["command"]
    return next(
        argument.removeprefix(f"{flag}=") for argument in arguments if argument.startswith(f"{flag}=")
    )


DEFAULTS = Settings.model_construct()


def test_the_switch_and_the_server_find_each_other() -> None:
    assert CTI["CTI_AMI__HOST"] == asterisk("manager.conf", "bindaddr")
    assert CTI["CTI_AMI__PORT"] == asterisk("manager.conf", "port") == str(DEFAULTS.ami.port)
    assert asterisk("extensions.conf", "CTI_SERVER") == f"{DEFAULTS.fastagi.host}:{DEFAULTS.fastagi.port}"
    assert CTI["CTI_RECORDINGS__INCOMING"] == f"{asterisk('asterisk.conf', 'astspooldir')}/monitor"
    incoming = [source for _, source, target in MOUNTS if target == CTI["CTI_RECORDINGS__INCOMING"]]
    assert incoming == ["monitor", "monitor"]
    places = {target for name, _, target in MOUNTS if name == "asterisk"}
    assert asterisk("asterisk.conf", "astlogdir") in places
    assert asterisk("asterisk.conf", "astdbdir") in places


def test_the_broker_is_where_the_server_looks() -> None:
    listener = re.search(
        r"^listener (\d+) (\S+)$", (CONFIG / "mosquitto/mosquitto.conf").read_text(), re.MULTILINE
    )
    assert listener
    broker = url("CTI_MQTT__URL")
    assert (broker.username, broker.hostname, broker.port) == ("cti", listener[2], int(listener[1]))
    assert listener[1] in SERVICES["mosquitto"]["healthcheck"]["test"]
    accounts = SERVICES["mosquitto"]["environment"]["MQTT_ACCOUNTS"].split("}")[0] + "}"
    assert CTI["CTI_MQTT__URL"].startswith(f"mqtt://{accounts}@")
    places = {source: target for name, source, target in MOUNTS if name == "mosquitto"}
    assert SERVICES["mosquitto"]["entrypoint"] == [f"{places['./config/mosquitto']}/start"]
    for key in ("password_file", "acl_file", "persistence_location"):
        path = re.search(rf"^{key} (\S+)", (CONFIG / "mosquitto/mosquitto.conf").read_text(), re.MULTILINE)
        assert path
        assert any(path[1].startswith(f"{target}/") for target in places.values()), f"{key} is in no mount"


def test_the_database_is_where_the_server_looks() -> None:
    environment = SERVICES["postgres"]["environment"]
    database = url("CTI_DATABASE__URL")
    assert (database.scheme, database.hostname, database.port) == ("postgresql+asyncpg", "127.0.0.1", 5432)
    assert (database.username, database.path) == (
        environment["POSTGRES_USER"],
        f"/{environment['POSTGRES_DB']}",
    )
    assert environment["POSTGRES_PASSWORD"] in CTI["CTI_DATABASE__URL"]
    assert "listen_addresses=127.0.0.1" in SERVICES["postgres"]["command"]


def test_prometheus_scrapes_the_server_and_grafana_asks_prometheus() -> None:
    scraped = yaml.safe_load((CONFIG / "prometheus/prometheus.yml").read_text(encoding="utf-8"))
    targets = [
        target
        for job in scraped["scrape_configs"]
        for static in job.get("static_configs", [])
        for target in static["targets"]
    ]
    assert f"{DEFAULTS.http.host}:{DEFAULTS.http.port}" in targets
    listens = option("prometheus", "--web.listen-address")
    assert f"http://{listens}/-/ready" in SERVICES["prometheus"]["healthcheck"]["test"]
    sources = [
        source["url"]
        for file in (CONFIG / "grafana/provisioning/datasources").glob("*.y*ml")
        for source in yaml.safe_load(file.read_text(encoding="utf-8"))["datasources"]
    ]
    assert sources == [f"http://{listens}"]
    folders = [
        provider["options"]["path"]
        for file in (CONFIG / "grafana/provisioning/dashboards").glob("*.y*ml")
        for provider in yaml.safe_load(file.read_text(encoding="utf-8"))["providers"]
    ]
    assert folders
    assert set(folders) <= {target for name, _, target in MOUNTS if name == "grafana"}


# --- the images ----------------------------------------------------------------------------------------------------


def stage(name: str) -> str:
    """The text of one stage of the Dockerfile."""
    stages = re.split(r"(?m)^(?=FROM )", DOCKERFILE)
    return next(text for text in stages if re.match(rf"FROM \S+ AS {name}\n", text))


def test_each_image_is_built_from_a_stage() -> None:
    for service in SERVICES.values():
        if "build" in service:
            assert (REPOSITORY / service["build"]["context"]).resolve() == REPOSITORY
            assert stage(service["build"]["target"])


def test_what_is_copied_exists_and_is_not_kept_out() -> None:
    let_in = {
        line[1:] for line in (REPOSITORY / ".dockerignore").read_text().splitlines() if line.startswith("!")
    }
    sources = [
        Path(word)
        for line in re.findall(r"(?m)^COPY (?!--from)(.+)$", DOCKERFILE)
        for word in line.split()[:-1]
    ]
    assert sources
    for source in sources:
        assert (REPOSITORY / source).exists(), source
        assert source.parts[0] in let_in, f".dockerignore keeps {source} out"


def test_every_package_is_in_the_image() -> None:
    packages = {path.parent.name for path in REPOSITORY.glob("*/__init__.py")}
    assert "cti" in packages
    assert packages <= set(re.findall(r"(?m)^COPY (\w+) \./\1$", stage("tierline")))


def test_the_server_runs_as_nobody_in_particular_and_tells_its_health() -> None:
    text = stage("tierline")
    assert re.findall(r"(?m)^USER (\S+)$", text) == ["tierline"]
    assert f"http://{DEFAULTS.http.host}:{DEFAULTS.http.port}/health/live" in text
    assert re.search(rf"(?m)^EXPOSE {DEFAULTS.http.port} {DEFAULTS.fastagi.port}$", text)


def test_base_images_have_versions() -> None:
    bases = re.findall(r"(?m)^FROM (\S+) AS", DOCKERFILE)
    assert len(bases) == 3
    assert all(re.fullmatch(r"[a-z]+:(\d+\.\d+\.\d+-[a-z-]+|forky-slim)", base) for base in bases), bases


# --- the switch's own secrets --------------------------------------------------------------------------------------


def lay(tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the container's start script on folders of our own, ending in a command that shows its environment."""
    (tmp_path / "etc").mkdir()
    places = {"ASTERISK_SHIPPED": str(CONFIG / "asterisk"), "ASTERISK_ETC": str(tmp_path / "etc")}
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/chown").symlink_to("/bin/true")  # there may be no user `asterisk` here
    path = f"{tmp_path}/bin:{os.environ['PATH']}"
    return subprocess.run(
        [CONFIG / "asterisk/start", "env"],
        env={"PATH": path, **places, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.live
def test_the_switch_in_the_container_knows_the_installations_secrets(tmp_path: Path) -> None:
    result = lay(tmp_path, CTI_AMI__EVENTS_SECRET="of-events", CTI_AMI__ACTIONS_SECRET="of-actions")
    assert result.returncode == 0, result.stderr
    assert "of-events" not in result.stdout, "the switch's own environment carries secrets"
    shipped = {path.name for path in (CONFIG / "asterisk").glob("*.conf")}
    assert shipped <= {path.name for path in (tmp_path / "etc").iterdir()}
    overlay = (tmp_path / "etc/site/manager.conf").read_text()
    with Pbx(site={"manager.conf": overlay}) as pbx:
        account, secret = pbx.events_account
        assert "Authentication accepted" in login(pbx, account, "of-events")
        assert "Authentication failed" in login(pbx, account, secret)
        assert "Authentication accepted" in login(pbx, "cti-actions", "of-actions")


def login(pbx: Pbx, account: str, secret: str) -> str:
    with socket.create_connection((pbx.host, pbx.ami_port), timeout=10) as line:
        line.sendall(f"Action: Login\r\nUsername: {account}\r\nSecret: {secret}\r\n\r\n".encode())
        heard = b""
        while b"Authentication" not in heard and (chunk := line.recv(4096)):
            heard += chunk
    return heard.decode()


@pytest.mark.parametrize("secret", ["", "two\nlines", "semi;colon", "${x}"])
def test_a_switch_without_proper_secrets_does_not_start(tmp_path: Path, secret: str) -> None:
    result = lay(tmp_path, CTI_AMI__EVENTS_SECRET=secret, CTI_AMI__ACTIONS_SECRET="fine")
    assert result.returncode == 1
    assert "CTI_AMI__" in result.stderr
    assert not list((tmp_path / "etc").iterdir()), "nothing half-laid"
