"""Where webhooks may go, as tables of cases."""

import dataclasses
import ipaddress
from collections.abc import Iterator

import pytest

from suite.kernel import system
from suite.kernel.errors import InvalidInput
from suite.kernel.http import App
from suite.webhooks.addresses import Reach, check_url, reach, usable

PUBLIC = [
    "8.8.8.8",
    "1.1.1.1",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "169.253.255.255",
    "172.15.255.255",
    "172.32.0.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2001:4860:4860::8888",
    "2606:4700:4700::1111",
    "2001:200::1",
    "2a00:1450:4001::1",
    "::ffff:8.8.8.8",
    "2002:808:808::1",
    "64:ff9b::8.8.8.8",
]
PRIVATE = [
    "10.0.0.0",
    "10.255.255.255",
    "100.64.0.1",
    "100.100.100.200",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.255",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "192.168.255.255",
    "::1",
    "fc00::1",
    "fd00:ec2::254",
    "fdff:ffff::1",
    "::ffff:127.0.0.1",
    "::ffff:10.1.2.3",
    "::ffff:c0a8:1",
    "2002:7f00:1::1",
    "2002:a00:1::",
    "64:ff9b::127.0.0.1",
    "64:ff9b::a00:1",
    "64:ff9b::192.168.1.1",
]
NEVER = [
    "0.0.0.0",
    "0.1.2.3",
    "168.63.129.16",
    "169.254.0.1",
    "169.254.169.254",
    "192.0.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::127.0.0.1",
    "::8.8.8.8",
    "::ffff:0:127.0.0.1",
    "::ffff:0.0.0.0",
    "::ffff:169.254.169.254",
    "64:ff9b::169.254.169.254",
    "64:ff9b:1::1",
    "64:ff9b:1::7f00:1",
    "100::1",
    "2001::1",
    "2001:0:7f00:1::",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:a9fe:a9fe::1",
    "2002:e000:1::",
    "3fff::1",
    "5f00::1",
    "fe80::1",
    "fe80::1%1",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "4000::1",
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [(text, found) for found, texts in zip(Reach, (PUBLIC, PRIVATE, NEVER), strict=True) for text in texts],
)
def test_a_network_address_is_public_private_or_not_for_webhooks(text: str, expected: Reach) -> None:
    assert reach(ipaddress.ip_address(text)) is expected


@pytest.fixture(params=["no", "yes"])
def setting(request: pytest.FixtureRequest, app: App) -> Iterator[str]:
    """Run the test with and without private networks."""
    before = system.current()
    settings = dataclasses.replace(before.settings, webhooks_private=request.param)
    system.use(dataclasses.replace(before, settings=settings))
    yield request.param
    system.use(before)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_public_addresses_want_tls_and_private_ones_the_setting(setting: str, scheme: str) -> None:
    assert {usable(ipaddress.ip_address(text), scheme=scheme) for text in PUBLIC} == {scheme == "https"}
    assert {usable(ipaddress.ip_address(text), scheme=scheme) for text in PRIVATE} == {setting == "yes"}
    assert {usable(ipaddress.ip_address(text), scheme=scheme) for text in NEVER} == {False}


GOOD = [
    "https://example.org",
    "https://example.org/",
    "https://hooks.example.org:8443/a/b?c=d&e=%20f",
    "https://xn--bcher-kva.example/",
    "https://EXAMPLE.org./x",
    "https://8.8.8.8/x",
    "https://[2606:4700:4700::1111]/x",
    "https://a_b.example.org/",
    "https://2130706433/",  # no address to us, perhaps to a resolver: judged when it was looked up
]
NEVER_GOOD = [
    "",
    "example.org",
    "//example.org/x",
    "/x",
    "https:example.org",
    "https:///x",
    "https://",
    "https://:443/",
    "ftp://example.org/",
    "file:///etc/passwd",
    "gopher://example.org/",
    "javascript:alert(1)",
    "https://ann@example.org/",
    "https://ann:secret@example.org/",
    "https://@example.org/",
    "https://example.org@127.0.0.1/",
    "https://example.org/#",
    "https://example.org/#x",
    "https://example.org#@127.0.0.1/",
    "https://example.org:0/",
    "https://example.org:65536/",
    "https://example.org:port/",
    "https://example.org/a b",
    "https://example.org/\\evil",
    "https://example.org\\@127.0.0.1/",
    "https://exa mple.org/",
    "https://bücher.example/",
    "https://example。org/",
    "https://-example.org/",
    "https://example.org%2f/",
    "https://[::1",
    "https://[v1.x]/",
    "https://169.254.169.254/latest/meta-data",
    "https://[fe80::1]/",
    "https://0.0.0.0/",
    "https://[::]/",
    "https://[::ffff:169.254.169.254]/",
    "http://8.8.8.8/",
]
IF_PRIVATE = [
    "http://example.org/",
    "http://127.0.0.1:8080/hooks",
    "https://127.0.0.1/",
    "https://10.0.0.1/",
    "https://[::1]/",
    "https://[fd00::1]:8443/",
    "https://[::ffff:127.0.0.1]/",
    "http://billing.internal/hooks",
]


def accepted(url: str) -> bool:
    try:
        return check_url(url) == url
    except InvalidInput as refusal:
        (mistake,) = refusal.facts["errors"]
        assert mistake["pointer"] == "/url"
        return False


def test_web_addresses_are_judged_when_they_are_written_down(setting: str) -> None:
    assert [url for url in GOOD if not accepted(url)] == []
    assert [url for url in NEVER_GOOD if accepted(url)] == []
    assert [url for url in IF_PRIVATE if accepted(url) is (setting == "no")] == []
