"""Settings: every mistake is one sentence that names the variable; shipped secrets open nothing outside the demo."""

import pytest

from config.settings import SettingsError, load


@pytest.fixture(autouse=True)
def clean(monkeypatch, tmp_path):
    import os

    for name in list(os.environ):
        if name.startswith("CTI_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("CTI_HTTP__PORT", "eighty"),
        ("CTI_AMI__PING_SECONDS", "0"),
        ("CTI_FASTAGI__LOOKUP_SECONDS", "2"),
        ("CTI_LOG_LEVEL", "loud"),
        ("CTI_HTTP__PRT", "8080"),
        ("CTI_HTP__PORT", "8080"),
        ("CTI_TIMEZONE", "Mars/Olympus"),
        ("CTI_REGION", "Europe"),
    ],
)
def test_a_wrong_value_names_its_variable(monkeypatch, variable, value):
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match=variable) as refused:
        load()
    assert "\n" not in str(refused.value)


def test_the_environment_goes_before_the_file(monkeypatch, tmp_path):
    (tmp_path / "cti.toml").write_text('[http]\nport = 9000\nhost = "0.0.0.0"\n')
    monkeypatch.setenv("CTI_HTTP__PORT", "9001")
    settings = load()
    assert (settings.http.port, settings.http.host) == (9001, "0.0.0.0")


def test_a_broken_file_is_named(tmp_path):
    (tmp_path / "cti.toml").write_text("[http\nport = 9000\n")
    with pytest.raises(SettingsError, match=r"cti\.toml"):
        load()


def test_an_unknown_name_in_the_file_is_refused(tmp_path):
    (tmp_path / "cti.toml").write_text("[http]\nprt = 9000\n")
    with pytest.raises(SettingsError, match="CTI_HTTP__PRT"):
        load()


def test_shipped_secrets_are_refused_outside_the_demo(monkeypatch):
    monkeypatch.setenv("CTI_AMI__HOST", "pbx.example")
    with pytest.raises(SettingsError, match="CTI_AMI__EVENTS_SECRET"):
        load()
    monkeypatch.setenv("CTI_DEMO", "true")
    assert load().demo
    monkeypatch.setenv("CTI_DEMO", "false")
    monkeypatch.setenv("CTI_AMI__EVENTS_SECRET", "one of our own")
    monkeypatch.setenv("CTI_AMI__ACTIONS_SECRET", "another")
    settings = load()
    assert "one of our own" not in repr(settings)


@pytest.mark.parametrize(
    "given",
    [
        {"S3_ENDPOINT": "https://s3.example"},
        {"S3_BUCKET": "sounds", "S3_ACCESS_KEY": "us"},
        {"S3_BUCKET": "sounds", "S3_SECRET_KEY": "a-secret"},
        {"S3_BUCKET": "sounds", "S3_ENDPOINT": "s3.example"},
    ],
)
def test_half_a_bucket_is_refused_in_one_line(monkeypatch, given):
    for name, value in given.items():
        monkeypatch.setenv(f"CTI_RECORDINGS__{name}", value)
    with pytest.raises(SettingsError, match=r"CTI_RECORDINGS: .*s3_") as refused:
        load()
    assert "\n" not in str(refused.value)
    assert "a-secret" not in str(refused.value)
