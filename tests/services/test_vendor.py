"""The vendor's names and addresses, and what is said when one is missing."""

from pathlib import Path

import pytest

from suite.services import SERVICES, Vendor
from suite.services.vendor import DEFAULT_FILE, VendorFileUnusable
from tests.vendors import complete

EEA = set("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK".split())


@pytest.fixture(scope="module")
def vendor() -> Vendor:
    return Vendor.load()


def changed(folder: Path, old: str, new: str) -> Path:
    """Write the vendor file of the package with one change."""
    text = DEFAULT_FILE.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path = folder / "other.toml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


def test_the_file_of_the_package_names_controller_officer_and_representative(vendor: Vendor) -> None:
    assert vendor.controller.name == "AO Kaspersky Lab"
    assert "Moscow, 125212" in vendor.controller.address
    assert vendor.data_protection_officer.web == "https://support.kaspersky.com/general/privacy"
    assert "85055" in vendor.data_protection_officer.address
    assert vendor.eu_representative.phone == "+49 (0) 841 98 18 90"


def test_every_service_and_sibling_has_a_title(vendor: Vendor) -> None:
    assert vendor.title("my-account") == "My Kaspersky"
    assert vendor.title("anti-theft") == "Anti-Theft Web Management"
    assert set(vendor.titles) == {name for service in SERVICES.values() for name in (service.key, *service.siblings)}


def test_services_hold_no_name_of_the_vendor() -> None:
    assert "kaspersky" not in repr(SERVICES).lower()


@pytest.mark.parametrize(
    ("key", "links"),
    [
        ("my-account", "conditions_data_processing conditions_data_processing_small_office"),
        ("business-hub", "cookies"),
        ("cloud-console", "cookies console_documentation about_data_provision_console"),
        ("office-365", "about_data_provision_office365"),
        ("company-account", "regulation_data_provisioning"),
        ("report-parser", "information_provided terms_report_parser"),
        ("web-forms", "terms_websites"),
    ],
)
def test_the_documents_of_a_service_have_titles(vendor: Vendor, key: str, links: str) -> None:
    assert set(links.split()) <= set(SERVICES[key].links)
    assert all(vendor.links[link].title for link in SERVICES[key].links)


def test_the_thirteen_countries_of_the_policy_are_listed(vendor: Vendor) -> None:
    assert list(vendor.countries) == "DE NL FR GB CH CA SG RU JP US MX CN AZ".split()


def test_data_of_eu_users_are_stored_in_the_eu_and_russia(vendor: Vendor) -> None:
    storing = {code for code, country in vendor.countries.items() if country.stores_eu_users}

    assert storing == {"DE", "NL", "FR", "RU"}


def test_countries_outside_the_eea_need_clauses_unless_a_decision_covers_everybody(vendor: Vendor) -> None:
    inside = {code for code, country in vendor.countries.items() if country.eea}
    decided = {code for code, country in vendor.countries.items() if country.adequate}
    clauses = {code for code, country in vendor.countries.items() if country.needs_clauses}

    assert inside == {"DE", "NL", "FR"}
    assert decided == {"GB", "CH", "CA", "JP", "US"}
    assert clauses == {"CA", "SG", "RU", "JP", "US", "MX", "CN", "AZ"}


def test_the_recipient_categories_of_the_policy_are_named(vendor: Vendor) -> None:
    assert list(vendor.recipients) == [
        "web_analytics",
        "data_processing",
        "advertising",
        "email_distribution",
        "payment_processing",
        "order_fulfilment",
        "other_services",
    ]


def test_every_country_of_the_eea_and_three_more_have_an_authority_on_the_web(vendor: Vendor) -> None:
    assert set(vendor.authorities) == EEA | {"GB", "CH", "RU"}
    assert all(authority.web.startswith("https://") for authority in vendor.authorities.values())


def test_addresses_the_printed_policy_hides_are_reported_as_unset(vendor: Vendor, tmp_path: Path) -> None:
    path = changed(tmp_path, '"CCPA Privacy Notice", web = ""', '"CCPA Privacy Notice", web = "https://e.example"')

    assert {"data_protection_officer.email", "eu_representative.email", "links.ccpa_notice.web"} <= set(vendor.unset())
    assert set(vendor.unset()) - set(Vendor.load(path).unset()) == {"links.ccpa_notice.web"}


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('name = "AO Kaspersky Lab"\n', "", "controller.name is missing"),
        ('name = "AO Kaspersky Lab"', 'name = ""', "controller.name is missing"),
        ('name = "AO Kaspersky Lab"', "name = 7", "controller.name must be text"),
        ("[eu_representative]", "[representative]", "eu_representative.address is missing"),
        ("[eu_representative]", "[representative]", "representative is unknown"),
        ('motorsport = "Kaspersky Motorsport Website"\n', "", "titles.motorsport is missing"),
        ('= "Anti-Theft Web Management"', "= 7", "titles.anti-theft must be text"),
        (
            'terms_websites = { title = "General',
            'terms_sites = { title = "General',
            "links.terms_websites.title",
        ),
        ("[recipients]", "[people]", "recipients is missing"),
        (
            'name = "Mexico", eea = false',
            'name = "Mexico", eea = 0',
            "countries.MX.eea must be true or false",
        ),
        ("MX = {", "XX = {", "countries.XX is no ISO 3166 country code"),
        ('web = "https://ico.org.uk"', 'url = "https://ico.org.uk"', "authorities.GB.web is missing"),
        ('web = "https://ico.org.uk"', 'url = "https://ico.org.uk"', "authorities.GB.url is unknown"),
        ('files = "DE"\n', "", "storage.files is missing"),
        ('name = "Kaspersky Lab group of companies"\n', "", "group.name is missing"),
    ],
)
def test_a_sentence_says_what_is_wrong_with_a_vendor_file(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    path = changed(tmp_path, old, new)

    with pytest.raises(ValueError, match=r"^The vendor file other\.toml cannot be used: ") as refusal:
        Vendor.load(path)

    assert sentence in str(refusal.value)


@pytest.mark.policy("LOC-2", "LOC-3")
@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('database = "DE"', 'database = "BR"', "storage.database is BR, which is no country of [countries]"),
        (
            'files = "DE"',
            'files = "US"',
            "storage.files is US, which is no country of [countries] with stores_eu_users",
        ),
        (
            'name = "Singapore", eea = false, adequate = false, stores_eu_users = false',
            'name = "Singapore", eea = false, adequate = false, stores_eu_users = true',
            "countries.SG must not store data of EU users: only the EEA and RU may",
        ),
    ],
)
def test_data_of_eu_users_cannot_be_kept_elsewhere(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    with pytest.raises(VendorFileUnusable) as refusal:
        Vendor.load(changed(tmp_path, old, new))

    assert sentence in str(refusal.value)


@pytest.mark.policy("GEN-1", "GEN-2", "GEN-3", "LOC-8")
def test_a_notice_that_lacks_what_people_must_find_is_refused_for_real_people(tmp_path: Path) -> None:
    with pytest.raises(VendorFileUnusable) as refusal:
        Vendor.load().check_for_people()

    Vendor.load(complete(tmp_path)).check_for_people()
    for place in ("data_protection_officer.email", "eu_representative.email", "links.ccpa_notice.web"):
        assert place in str(refusal.value)
    assert "group.on_record" in str(refusal.value)
    assert "SUITE_VENDOR_FILE" in str(refusal.value)


def test_all_mistakes_stand_in_one_sentence(tmp_path: Path) -> None:
    path = changed(tmp_path, '[titles]\nmy-account = "My Kaspersky"', '[titles]\nmine = "Mine"\naccount = 3')
    path.write_text(path.read_text(encoding="utf-8").replace('account = "Kaspersky Account"\n', ""), "utf-8")

    with pytest.raises(ValueError, match=r"titles\.my-account is missing; titles\.account must be text\.$"):
        Vendor.load(path)


def test_a_file_that_is_not_toml_or_not_there_is_a_sentence_too(tmp_path: Path) -> None:
    broken = changed(tmp_path, "[controller]", "[controller")

    with pytest.raises(ValueError, match=r"other\.toml is not TOML: "):
        Vendor.load(broken)
    with pytest.raises(ValueError, match=r"absent\.toml cannot be read: No such file or directory"):
        Vendor.load(tmp_path / "absent.toml")
