"""`.env.example` lists every setting with the default that holds."""

import re
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from config.settings import variables
from tests.servers import REPOSITORY

LINE = re.compile(r"#(CTI_[A-Z0-9_]+)=(.*)")


def as_text(default: Any) -> str:
    if default is None:
        return ""
    if isinstance(default, SecretStr):
        return default.get_secret_value()
    if default == ():
        return "[]"
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, Path) and default.is_absolute():
        return str(default.relative_to(REPOSITORY))
    return str(default)


def test_every_setting_stands_there_once_with_its_default() -> None:
    lines = (REPOSITORY / ".env.example").read_text(encoding="utf-8").splitlines()
    shown = [match.groups() for line in lines if (match := LINE.fullmatch(line))]
    assert sorted(shown) == sorted((name, as_text(default)) for name, default in variables().items())
