"""Signatures, against the example that Standard Webhooks publishes, and secrets."""

import base64

from suite.kernel.secrets import new_signing_secret
from suite.webhooks.signing import signature

SECRET, ID, SECONDS, BODY = (
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "msg_p5jXN8AQM9LWM0D4loKWxJek",
    1614265330,
    b'{"test": 2432232314}',
)


def test_the_published_example_gets_the_published_signature() -> None:
    assert signature(SECRET, ID, SECONDS, BODY) == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_whatever_is_changed_changes_the_signature() -> None:
    right = signature(SECRET, ID, SECONDS, BODY)

    others = {
        signature(new_signing_secret(), ID, SECONDS, BODY),
        signature(SECRET, ID + "x", SECONDS, BODY),
        signature(SECRET, ID, SECONDS + 1, BODY),
        signature(SECRET, ID, SECONDS, BODY + b" "),
    }

    assert len(others) == 4
    assert right not in others


def test_a_secret_holds_32_random_bytes() -> None:
    secrets = {new_signing_secret() for _ in range(100)}

    assert len(secrets) == 100
    assert all(one.startswith("whsec_") and len(base64.b64decode(one[6:], validate=True)) == 32 for one in secrets)
