"""One frozen, typed object read from `SUITE_*` variables.

Every setting can also come from a file: `SUITE_SMTP_PASSWORD_FILE=/run/secrets/smtp`. All mistakes are
reported together. `docs/configuration.md` is printed from this file.
"""

import base64
import contextlib
import ipaddress
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields, replace
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

import limits
from environs import EnvError, FileAwareEnv

PREFIX = "SUITE_"
DEVELOPMENT = "development"
PRODUCTION = "production"


class SettingsError(Exception):
    """The configuration is wrong; `mistakes` says per variable what to do."""

    def __init__(self, mistakes: Mapping[str, str]) -> None:
        self.mistakes = dict(mistakes)
        lines = [f"  {name}: {sentence}" for name, sentence in sorted(self.mistakes.items())]
        super().__init__("The configuration is not usable:\n" + "\n".join(lines))


def _setting(default: Any, says: str, *, secret: bool = False, one_of: tuple[str, ...] = ()) -> Any:
    return field(default=default, metadata={"says": says, "secret": secret, "one_of": one_of})


# fmt: off
_COUNTRIES = (
    "AT", "BE", "BG", "CA", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR", "HR", "HU", "IE",
    "IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK", "US",
)
# fmt: on


@dataclass(frozen=True)
class Settings:
    """How this installation runs; see the text of each setting."""

    environment: str = _setting(DEVELOPMENT, "What this installation is for.", one_of=(DEVELOPMENT, PRODUCTION))
    public_url: str = _setting(
        "http://127.0.0.1:8000", "Address under which people reach the product; links in mails begin with it."
    )
    trusted_hosts: tuple[str, ...] = _setting(
        (), "Host names answered besides the one of SUITE_PUBLIC_URL, separated by commas."
    )
    trusted_proxies: int = _setting(
        0, "Number of proxies in front whose X-Forwarded-For and X-Forwarded-Proto are believed."
    )
    cors_origins: tuple[str, ...] = _setting(
        (), "Origins of front ends that may call the API from a browser, separated by commas."
    )
    data_folder: Path = _setting(Path("var"), "Folder for the embedded database, files and keys.")
    database_url: str = _setting(
        "", "sqlite:///path or postgresql://user@host/name; empty: suite.db in the data folder."
    )
    database_pool: int = _setting(20, "Connections kept per process.")
    secret_keys: str = _setting(
        "",
        "Master keys as id:base64 (32 bytes each), newest first, separated by commas; `suite keys generate` "
        "makes one. Empty in development: a key file in the data folder.",
        secret=True,
    )
    redis_url: str = _setting(
        "", "redis://host:port/0 where traffic limits are counted over machines; empty: in this process."
    )
    request_limit: str = _setting(
        "1200/minute", "Requests per client network that may reach the API, in Flask-Limiter's notation."
    )
    visit_limit: str = _setting(
        "60/minute", "Visits noted per client network for statistics, in Flask-Limiter's notation; in each process."
    )
    files_url: str = _setting(
        "", "file:///folder or s3://bucket/prefix for stored files; empty: files in the data folder."
    )
    backups_url: str = _setting(
        "", "file:///folder or s3://bucket/prefix for backups; empty: backups in the data folder."
    )
    backup_key: str = _setting(
        "",
        "Keys that encrypt backups, as AGE-SECRET-KEY-1..., newest first, separated by commas; `suite backup key` "
        "makes one. Without it production makes no backups. Empty in development: a key file in the data folder.",
        secret=True,
    )
    backup_hours: int = _setting(0, "Hours between two backups made by the worker; 0: none.")
    shredding_url: str = _setting(
        "",
        "file:///folder or s3://bucket/prefix for the keys whose destruction makes erased data unreadable in every "
        "backup; back it up nowhere. Empty: shredding in the data folder.",
    )
    s3_endpoint: str = _setting("", "Address of an S3-compatible server other than Amazon's.")
    s3_region: str = _setting("eu-central-1", "Region of the bucket.")
    s3_access_key: str = _setting("", "Access key id for the bucket.")
    s3_secret_key: str = _setting("", "Secret key for the bucket.", secret=True)
    mail: str = _setting(
        "inbox", "How mail leaves: through SMTP or into the development inbox.", one_of=("inbox", "smtp")
    )
    mail_from: str = _setting("Accounts <no-reply@localhost>", "Sender of every mail.")
    smtp_host: str = _setting("127.0.0.1", "Mail server.")
    smtp_port: int = _setting(587, "Port of the mail server.")
    smtp_security: str = _setting("starttls", "How the connection is protected.", one_of=("starttls", "tls", "none"))
    smtp_username: str = _setting("", "User name at the mail server; empty: no sign-in.")
    smtp_password: str = _setting("", "Password at the mail server.", secret=True)
    smtp_timeout: int = _setting(10, "Seconds to wait for the mail server.")
    sms: str = _setting("inbox", "How text messages leave.", one_of=("inbox", "twilio", "off"))
    sms_countries: tuple[str, ...] = _setting(
        _COUNTRIES, "Countries (ISO 3166-1) to which text messages are sent, separated by commas."
    )
    sms_daily_limit: int = _setting(1000, "Text messages sent in a day at most.")
    sms_country_limit: int = _setting(300, "Text messages a day to numbers of one country that are not proven yet.")
    sms_reserve: int = _setting(
        30, "Percent of the day's text messages kept for people whose number is proven already."
    )
    security_questions: str = _setting(
        "on", "Whether services that offer a security question may ask for one.", one_of=("on", "off")
    )
    twilio_account_sid: str = _setting("", "Account SID at Twilio.")
    twilio_auth_token: str = _setting("", "Auth token at Twilio.", secret=True)
    twilio_from: str = _setting("", "Sending number or messaging service SID at Twilio.")
    twilio_url: str = _setting("https://api.twilio.com", "Address of Twilio, or of a server that speaks like it.")
    twilio_timeout: int = _setting(10, "Seconds to wait for Twilio.")
    webhooks_private: str = _setting(
        "no",
        "Whether webhooks may go to loopback and private networks, and there without TLS.",
        one_of=("no", "yes"),
    )
    password_min_length: int = _setting(8, "Shortest password accepted, in characters; at least 8.")
    hash_threads: int = _setting(2, "Password hashes computed at the same time.")
    hash_queue: int = _setting(64, "Password hashes that may wait; more are answered 503 with Retry-After.")
    worker_threads: int = _setting(3, "Threads that run background jobs; one is kept for security codes.")
    sweep_minutes: int = _setting(15, "Minutes between two sweeps that delete what is due.")
    vendor_file: str = _setting(
        "", "TOML file with controller, titles and links of another vendor; empty: the one in the package."
    )
    products_file: str = _setting(
        "", "TOML file with other products and licence policies; empty: the one in the package."
    )
    metrics_token: str = _setting(
        "",
        "Bearer token that opens /metrics; empty: open in development, not there in production.",
        secret=True,
    )
    log_level: str = _setting("info", "Least important log line written.", one_of=("debug", "info", "warning", "error"))
    log_format: str = _setting("json", "How log lines look.", one_of=("json", "text"))

    @property
    def production(self) -> bool:
        """Whether real people use this installation."""
        return self.environment == PRODUCTION

    @property
    def https(self) -> bool:
        """Whether people reach the product over TLS."""
        return self.public_url.startswith("https://")

    @property
    def hosts(self) -> frozenset[str]:
        """Host names that are answered."""
        own = urlsplit(self.public_url).hostname or ""
        local = () if self.production else ("localhost", "127.0.0.1", "::1")
        return frozenset(name.lower() for name in (own, *self.trusted_hosts, *local) if name)

    @property
    def origins(self) -> frozenset[str]:
        """Origins from which a browser may change something."""
        parts = urlsplit(self.public_url)
        return frozenset((f"{parts.scheme}://{parts.netloc}", *self.cors_origins))


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; every mistake is named in one SettingsError."""
    env = FileAwareEnv(prefix=PREFIX)
    values: dict[str, Any] = {}
    mistakes: dict[str, str] = {}
    for setting in fields(Settings):
        values[setting.name] = setting.default
        try:
            values[setting.name] = _read(env, setting, environment)
        except (EnvError, ValueError, OSError) as problem:
            mistakes[PREFIX + setting.name.upper()] = str(problem)
    settings = _with_places(Settings(**values))
    mistakes = _mistakes(settings) | mistakes
    if not mistakes and not settings.secret_keys:
        settings = replace(settings, secret_keys=development_key(settings.data_folder / "keys", new_key))
        _check_keys(settings, mistakes)
    if mistakes:
        raise SettingsError(mistakes)
    return settings


def describe() -> list[tuple[str, str, str, str]]:
    """Give variable, default, choices and text of each setting, for the reference and `suite doctor`."""
    rows = []
    for setting in fields(Settings):
        default = setting.default
        shown = ",".join(default) if isinstance(default, tuple) else str(default)
        choices = ", ".join(setting.metadata["one_of"])
        rows.append((PREFIX + setting.name.upper(), shown, choices, setting.metadata["says"]))
    return rows


def _read(env: FileAwareEnv, setting: Field[Any], given: Mapping[str, str] | None) -> Any:
    name = setting.name.upper()
    raw = given.get(PREFIX + name) if given is not None else env.str(name, None)
    if raw is None:
        return setting.default
    return _parse(raw.strip(), setting.default, setting.metadata["one_of"])


def _parse(raw: str, default: Any, one_of: tuple[str, ...]) -> Any:
    if one_of and raw not in one_of:
        raise ValueError(f"must be one of {', '.join(one_of)}, not {raw!r}.")
    if isinstance(default, int):
        if not raw.isascii() or not raw.isdigit():
            raise ValueError(f"must be a whole number of at least 0, not {raw!r}.")
        return int(raw)
    if isinstance(default, tuple):
        return tuple(part.strip() for part in raw.split(",") if part.strip())
    return Path(raw) if isinstance(default, Path) else raw


def _with_places(settings: Settings) -> Settings:
    folder = settings.data_folder.absolute()
    return replace(
        settings,
        data_folder=folder,
        database_url=settings.database_url or f"sqlite:///{folder / 'suite.db'}",
        files_url=settings.files_url or f"file://{folder / 'files'}",
        backups_url=settings.backups_url or f"file://{folder / 'backups'}",
        shredding_url=settings.shredding_url or f"file://{folder / 'shredding'}",
    )


def development_key(path: Path, make: Callable[[], str]) -> str:
    """Read the key of a development installation, made at the first start and readable by its owner only.

    Of many processes that start at once one makes it, and no other ever sees half of it.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        mine = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        mine.touch(mode=0o600)
        mine.write_text(make() + "\n", encoding="ascii")
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(mine)
        mine.unlink()
    return path.read_text(encoding="utf-8").strip()


def new_key() -> str:
    """Make a master key as `id:base64`."""
    return f"k{secrets.token_hex(4)}:{base64.b64encode(secrets.token_bytes(32)).decode()}"


def keys_of(text: str) -> list[tuple[str, bytes]]:
    """Split master keys, newest first; a ValueError says what is wrong."""
    found: list[tuple[str, bytes]] = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        key_id, _, encoded = part.partition(":")
        try:
            raw = base64.b64decode(encoded, validate=True)
        except ValueError:
            raw = b""
        if not (key_id.isascii() and key_id.isalnum() and len(key_id) <= 16) or len(raw) != 32:
            raise ValueError("each key is a short id, a colon and 32 bytes in base64; `suite keys generate` makes one.")
        found.append((key_id, raw))
    if len({key_id for key_id, _ in found}) != len(found):
        raise ValueError("two keys have the same id.")
    return found


def _mistakes(settings: Settings) -> dict[str, str]:
    found: dict[str, str] = {}
    _check_common(settings, found)
    _check_choices(settings, found)
    if settings.production:
        _check_production(settings, found)
    else:
        _check_development(settings, found)
    return found


def _check_common(settings: Settings, found: dict[str, str]) -> None:
    if not _is_origin(settings.public_url.rstrip("/")):
        found["SUITE_PUBLIC_URL"] = "must look like https://accounts.example.com, with no path."
    if not settings.database_url.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
        found["SUITE_DATABASE_URL"] = "must begin with sqlite:/// or postgresql://."
    elif not _usable_port(settings.database_url):
        found["SUITE_DATABASE_URL"] = "names a port that is no number between 1 and 65535."
    if settings.secret_keys or settings.production:
        _check_keys(settings, found)
    if settings.password_min_length < 8 or settings.password_min_length > 64:
        found["SUITE_PASSWORD_MIN_LENGTH"] = "must be between 8 and 64."
    for name in (
        "database_pool",
        "hash_threads",
        "hash_queue",
        "sweep_minutes",
        "smtp_timeout",
        "sms_daily_limit",
        "sms_country_limit",
        "twilio_timeout",
    ):
        if getattr(settings, name) < 1:
            found[PREFIX + name.upper()] = "must be at least 1."
    if settings.worker_threads < 2:
        found["SUITE_WORKER_THREADS"] = "must be at least 2, so that long jobs cannot delay security codes."
    found |= {
        PREFIX + name.upper(): "names a file that is not there."
        for name in ("vendor_file", "products_file")
        if getattr(settings, name) and not Path(getattr(settings, name)).is_file()
    }


def _check_keys(settings: Settings, found: dict[str, str]) -> None:
    try:
        keys = keys_of(settings.secret_keys)
    except ValueError as problem:
        found["SUITE_SECRET_KEYS"] = str(problem)
        return
    if not keys:
        found["SUITE_SECRET_KEYS"] = (
            "is missing; make a key with `suite keys generate` and keep it outside the database."
        )


def _is_origin(text: str) -> bool:
    """Say whether this is scheme, host and port as a browser writes them, and nothing else."""
    try:
        url = urlsplit(text)
        return url.scheme in {"http", "https"} and bool(url.hostname) and text == f"{url.scheme}://{_place(url)}"
    except ValueError:
        return False


def _place(url: SplitResult) -> str:
    host = f"[{url.hostname}]" if ":" in (url.hostname or "") else url.hostname
    return f"{host}:{url.port}" if url.port is not None else f"{host}"


def _usable_port(url: str) -> bool:
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False


def _is_local(host: str) -> bool:
    """Whether only this machine or its own network reaches a host."""
    if host == "localhost" or host.endswith((".localhost", ".local", ".test")):
        return True
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return False


def _check_texts(settings: Settings, found: dict[str, str]) -> None:
    if settings.sms_reserve > 100:
        found["SUITE_SMS_RESERVE"] = "is a share in percent: at most 100."
    for country in settings.sms_countries:
        if not re.fullmatch("[A-Z]{2}", country):
            found["SUITE_SMS_COUNTRIES"] = f"{country!r} is no country code such as DE."


def _check_limits(settings: Settings, found: dict[str, str]) -> None:
    for name in ("request_limit", "visit_limit"):
        try:
            limits.parse_many(getattr(settings, name))
        except ValueError:
            found[PREFIX + name.upper()] = "must look like 1200/minute, or like 20/second; 500/minute."


def _check_places(settings: Settings, found: dict[str, str]) -> None:
    for name in ("files_url", "backups_url", "shredding_url"):
        if not getattr(settings, name).startswith(("file:///", "s3://")):
            found[PREFIX + name.upper()] = "must begin with file:/// or s3://."
    if len({settings.files_url, settings.backups_url, settings.shredding_url}) != 3:
        found["SUITE_SHREDDING_URL"] = "files, backups and shredding need a place each: name three that differ."
    if any(not key.strip().startswith("AGE-SECRET-KEY-1") for key in settings.backup_key.split(",") if key.strip()):
        found["SUITE_BACKUP_KEY"] = "must be a key such as `suite backup key` prints, AGE-SECRET-KEY-1 and more."


def _check_choices(settings: Settings, found: dict[str, str]) -> None:
    _check_texts(settings, found)
    if settings.sms == "twilio":
        for name in ("twilio_account_sid", "twilio_auth_token", "twilio_from"):
            if not getattr(settings, name):
                found[PREFIX + name.upper()] = "is needed because SUITE_SMS is twilio."
    _check_places(settings, found)
    if settings.redis_url and not settings.redis_url.startswith(("redis://", "rediss://", "unix://")):
        found["SUITE_REDIS_URL"] = "must begin with redis://, rediss:// or unix://."
    _check_limits(settings, found)
    if "@" not in parseaddr(settings.mail_from)[1]:
        found["SUITE_MAIL_FROM"] = "must be an address, for example Accounts <no-reply@accounts.example.com>."
    for origin in settings.cors_origins:
        if not _is_origin(origin):
            found["SUITE_CORS_ORIGINS"] = f"{origin!r} is no origin such as https://app.example.com."


def _check_development(settings: Settings, found: dict[str, str]) -> None:
    host = urlsplit(settings.public_url).hostname or ""
    if host and "inbox" in {settings.mail, settings.sms} and not _is_local(host):
        found["SUITE_ENVIRONMENT"] = (
            f"must be production where people reach {host}: the development inbox shows every code to anybody."
        )


def _check_production(settings: Settings, found: dict[str, str]) -> None:
    if not settings.https:
        found["SUITE_PUBLIC_URL"] = "must begin with https:// in production."
    if settings.mail != "smtp":
        found["SUITE_MAIL"] = "must be smtp in production; the development inbox shows mail to anybody."
    if settings.sms == "inbox":
        found["SUITE_SMS"] = "must be twilio or off in production."
    if settings.smtp_security == "none" and settings.smtp_host not in {"127.0.0.1", "::1", "localhost"}:
        found["SUITE_SMTP_SECURITY"] = "must be starttls or tls unless the mail server is on this machine."
    if settings.mail_from.endswith("@localhost>"):
        found["SUITE_MAIL_FROM"] = "must be an address people can recognise."
