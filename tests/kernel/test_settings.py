"""Settings: every mistake at once, secrets from files, nothing secret by default."""

import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from suite.settings import Settings, SettingsError, describe, keys_of, load, new_key
from tests.conftest import KEY


def production(**others: str) -> dict[str, str]:
    """Give a configuration with which real people can be served."""
    return {
        "SUITE_ENVIRONMENT": "production",
        "SUITE_PUBLIC_URL": "https://accounts.example.com",
        "SUITE_SECRET_KEYS": KEY,
        "SUITE_MAIL": "smtp",
        "SUITE_MAIL_FROM": "Accounts <no-reply@example.com>",
        "SUITE_SMS": "off",
    } | others


def mistakes(**given: str) -> dict[str, str]:
    with pytest.raises(SettingsError) as refused:
        load(given)
    return refused.value.mistakes


def test_a_sound_production_configuration_is_taken() -> None:
    settings = load(production())

    assert (settings.production, settings.https) == (True, True)
    assert settings.hosts == {"accounts.example.com"}
    assert settings.origins == {"https://accounts.example.com"}


def test_mistakes_of_every_sort_are_reported_together(tmp_path: Path) -> None:
    found = mistakes(
        SUITE_DATA_FOLDER=str(tmp_path),
        SUITE_SMTP_PORT="many",
        SUITE_LOG_LEVEL="loud",
        SUITE_PUBLIC_URL="accounts.example.com/app",
        SUITE_SECRET_KEYS="a:short",
        SUITE_WORKER_THREADS="1",
        SUITE_SMS="twilio",
        SUITE_REQUEST_LIMIT="lots",
    )

    assert set(found) == {
        "SUITE_SMTP_PORT",
        "SUITE_LOG_LEVEL",
        "SUITE_PUBLIC_URL",
        "SUITE_SECRET_KEYS",
        "SUITE_WORKER_THREADS",
        "SUITE_TWILIO_ACCOUNT_SID",
        "SUITE_TWILIO_AUTH_TOKEN",
        "SUITE_TWILIO_FROM",
        "SUITE_REQUEST_LIMIT",
    }
    assert not (tmp_path / "keys").exists()


def test_the_error_names_each_variable_with_its_sentence() -> None:
    with pytest.raises(SettingsError, match="SUITE_PASSWORD_MIN_LENGTH: must be between 8 and 64"):
        load(production(SUITE_PASSWORD_MIN_LENGTH="7"))


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SUITE_ENVIRONMENT", "prod"),
        ("SUITE_PUBLIC_URL", "https://"),
        ("SUITE_PUBLIC_URL", "https://[::1"),
        ("SUITE_PUBLIC_URL", "https://accounts.example.com:port"),
        ("SUITE_PUBLIC_URL", "https://ann@accounts.example.com"),
        ("SUITE_PUBLIC_URL", "https://accounts.example.com?x=1"),
        ("SUITE_PUBLIC_URL", "ftp://accounts.example.com"),
        ("SUITE_CORS_ORIGINS", "https://app.example.com/"),
        ("SUITE_CORS_ORIGINS", "*"),
        ("SUITE_CORS_ORIGINS", "https://ok.example.com,null"),
        ("SUITE_DATABASE_URL", "mysql://x"),
        ("SUITE_FILES_URL", "/var/files"),
        ("SUITE_REDIS_URL", "http://cache"),
        ("SUITE_WEBHOOKS_PRIVATE", "true"),
        ("SUITE_SMTP_PORT", "-1"),
        ("SUITE_SMTP_PORT", "٢٥"),
        ("SUITE_DATABASE_POOL", "0"),
        ("SUITE_HASH_THREADS", "0"),
        ("SUITE_SWEEP_MINUTES", "0"),
        ("SUITE_PASSWORD_MIN_LENGTH", "65"),
        ("SUITE_VENDOR_FILE", "/nowhere/vendor.toml"),
        ("SUITE_MAIL_FROM", "Accounts"),
        ("SUITE_SECRET_KEYS", f"{KEY},{KEY}"),
        ("SUITE_SECRET_KEYS", "not!an!id:" + KEY.split(":")[1]),
    ],
)
def test_a_wrong_value_is_named(variable: str, value: str) -> None:
    assert set(mistakes(**production(**{variable: value}))) == {variable}


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SUITE_PUBLIC_URL", "http://accounts.example.com"),
        ("SUITE_MAIL", "inbox"),
        ("SUITE_SMS", "inbox"),
        ("SUITE_MAIL_FROM", "Accounts <no-reply@localhost>"),
        ("SUITE_SECRET_KEYS", ""),
    ],
)
def test_what_is_fine_for_development_is_refused_in_production(variable: str, value: str) -> None:
    assert variable in mistakes(**production(**{variable: value}))


def test_mail_in_the_clear_is_refused_in_production_unless_it_stays_on_the_machine() -> None:
    assert set(mistakes(**production(SUITE_SMTP_SECURITY="none", SUITE_SMTP_HOST="mail.example.com"))) == {
        "SUITE_SMTP_SECURITY"
    }
    assert load(production(SUITE_SMTP_SECURITY="none", SUITE_SMTP_HOST="127.0.0.1")).smtp_security == "none"


def test_production_has_no_default_for_anything_secret() -> None:
    secrets = [setting for setting in Settings.__dataclass_fields__.values() if setting.metadata["secret"]]

    assert {setting.name for setting in secrets} >= {
        "secret_keys",
        "smtp_password",
        "twilio_auth_token",
        "s3_secret_key",
    }
    assert [setting.default for setting in secrets] == [""] * len(secrets)
    assert "SUITE_SECRET_KEYS" in mistakes(SUITE_ENVIRONMENT="production")


def test_every_setting_is_described() -> None:
    rows = describe()

    assert len(rows) == len(Settings.__dataclass_fields__)
    assert all(name.startswith("SUITE_") and says.endswith(".") for name, _, _, says in rows)


# --- secrets from files


def test_a_setting_can_come_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = tmp_path / "secret"
    secret.write_text("open sesame\n", encoding="utf-8")
    monkeypatch.setenv("SUITE_SECRET_KEYS", KEY)
    monkeypatch.setenv("SUITE_SMTP_PASSWORD_FILE", str(secret))

    assert load().smtp_password == "open sesame"


def test_a_file_that_is_missing_or_a_folder_is_a_mistake_like_any_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUITE_SMTP_PASSWORD_FILE", str(tmp_path / "nowhere"))
    monkeypatch.setenv("SUITE_SECRET_KEYS_FILE", str(tmp_path))
    monkeypatch.setenv("SUITE_SMTP_PORT", "many")

    with pytest.raises(SettingsError) as refused:
        load()

    assert set(refused.value.mistakes) == {"SUITE_SMTP_PASSWORD", "SUITE_SECRET_KEYS", "SUITE_SMTP_PORT"}
    assert "readable file" in refused.value.mistakes["SUITE_SMTP_PASSWORD"]


# --- the key of a development installation


def test_a_development_key_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    first, second = (load({"SUITE_DATA_FOLDER": str(tmp_path)}) for _ in range(2))

    file = tmp_path / "keys"
    assert first.secret_keys == second.secret_keys == file.read_text(encoding="ascii").strip()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["keys"]


def test_many_processes_that_start_at_once_use_one_development_key(tmp_path: Path) -> None:
    program = "import sys, suite.settings as s; print(s.load({'SUITE_DATA_FOLDER': sys.argv[1]}).secret_keys)"

    def start(_: int) -> str:
        command = [sys.executable, "-c", program, str(tmp_path)]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    with ThreadPoolExecutor(4) as pool:
        keys = set(pool.map(start, range(4)))

    assert len(keys) == 1
    assert len(keys_of(keys.pop())) == 1


def test_a_damaged_development_key_is_a_mistake_and_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("damaged", encoding="ascii")

    assert "SUITE_SECRET_KEYS" in mistakes(SUITE_DATA_FOLDER=str(tmp_path))
    assert (tmp_path / "keys").read_text(encoding="ascii") == "damaged"


def test_keys_are_listed_newest_first_and_made_at_random() -> None:
    made = [new_key() for _ in range(50)]

    assert [key_id for key_id, _ in keys_of(",".join(made))] == [key.partition(":")[0] for key in made]
    assert len({raw for _, raw in keys_of(",".join(made))}) == 50


@pytest.mark.parametrize("url", ["https://accounts.example.com", "http://203.0.114.7:8000"])
def test_the_development_inbox_is_refused_where_people_come_from_outside(url: str) -> None:
    with pytest.raises(SettingsError, match="SUITE_ENVIRONMENT: must be production"):
        load({"SUITE_PUBLIC_URL": url, "SUITE_SECRET_KEYS": new_key()})


@pytest.mark.parametrize(
    "url", ["http://localhost:8000", "http://127.0.0.1", "http://192.168.1.20:8000", "http://a.test"]
)
def test_on_this_machine_and_its_network_it_may_be_used(url: str) -> None:
    assert load({"SUITE_PUBLIC_URL": url, "SUITE_SECRET_KEYS": new_key()}).mail == "inbox"
