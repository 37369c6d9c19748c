"""Checks of the peers: file store, mail server, text messages, Redis. Nothing is sent to anybody."""

from collections.abc import Iterator

from suite.commands.doctor.findings import Finding, fail, ok, warn
from suite.kernel import system

_PATIENCE = 3.0


def files() -> Iterator[Finding]:
    """Write and delete a small file where files are kept."""
    running = system.current()
    try:
        running.files.check()
    except Exception as problem:  # noqa: BLE001 - stores raise what they like
        yield fail(
            "file store",
            f"{running.settings.files_url} cannot be written ({type(problem).__name__}): check SUITE_FILES_URL and, "
            "for a bucket, the SUITE_S3_* settings.",
        )
        return
    yield ok("file store", f"{running.settings.files_url} can be written.")


def mail() -> Iterator[Finding]:
    """Connect to the mail server as configured and say NOOP."""
    from suite.messages.errors import NotDelivered
    from suite.messages.senders import Smtp

    chosen = system.current().settings
    if chosen.mail == "inbox":
        yield ok("mail", "Mail goes to the development inbox; nothing leaves.")
        return
    place = f"{chosen.smtp_host}:{chosen.smtp_port}"
    try:
        protection = Smtp(chosen).check()
    except NotDelivered as problem:
        yield fail("mail", f"{place} is of no use ({problem.code}): {_advice(problem.code)}")
        return
    how = f" over {protection}" if protection else ""
    signed_in = " and lets us sign in" if chosen.smtp_username else ""
    if protection or chosen.smtp_host in {"127.0.0.1", "::1", "localhost"}:
        yield ok("mail", f"{place} answers{how}{signed_in}.")
    else:
        yield warn("mail", f"{place} answers without encryption: set SUITE_SMTP_SECURITY to starttls or tls.")


def _advice(code: str) -> str:
    if code == "smtp_auth":
        return "check SUITE_SMTP_USERNAME and SUITE_SMTP_PASSWORD."
    if "SSL" in code or "Certificate" in code:
        return "its certificate is not trusted or SUITE_SMTP_SECURITY does not fit its port."
    if "NotSupported" in code:
        return "it does not offer what SUITE_SMTP_SECURITY or SUITE_SMTP_USERNAME asks for."
    return "check SUITE_SMTP_HOST, SUITE_SMTP_PORT and SUITE_SMTP_SECURITY."


def text_messages() -> Iterator[Finding]:
    """Say how text messages leave; each one costs, so none is tried."""
    words = {
        "inbox": "Text messages go to the development inbox; nothing leaves.",
        "twilio": "Text messages leave through Twilio; it was not called.",
        "off": "Text messages are switched off.",
    }
    yield ok("sms", words[system.current().settings.sms])


def redis() -> Iterator[Finding]:
    """Check that the traffic limits can be counted in Redis, if they should be."""
    from redis import Redis, RedisError

    url = system.current().settings.redis_url
    if not url:
        yield ok("redis", "Not used: each process counts traffic on its own.")
        return
    try:
        with Redis.from_url(url, socket_timeout=_PATIENCE, socket_connect_timeout=_PATIENCE) as client:
            client.ping()
    except (RedisError, OSError, ValueError) as problem:
        yield fail(
            "redis",
            f"It cannot be reached ({type(problem).__name__}): check SUITE_REDIS_URL. Until then each process counts "
            "traffic on its own.",
        )
        return
    yield ok("redis", "It answers.")
