"""The privacy notice: what it must show, and that it is written from the declarations."""

import copy
import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from suite import privacy
from suite.declarations import Declaration, Period, Recipient
from suite.declarations.fields import Part
from suite.declarations.purposes import CONSENTS, PURPOSES
from suite.kernel import system
from suite.kernel.http import App
from suite.privacy.schemas import CatalogueOut
from tests.pages import Page, read

CONTACTS = {
    "data_protection_officer": {"email": "dpo@example.org", "web": "https://example.org/privacy"},
    "eu_representative": {"email": "representative@example.org", "phone": "+49 30 1234567"},
}


@pytest.fixture
def notice(app: App) -> Callable[[], Page]:
    """Read the page."""
    return lambda: read(app.test_client().get("/privacy"))


@pytest.fixture
def declared(app: App) -> Iterator[privacy.Register]:
    """Give the declarations; a test may put others in their place."""
    before = privacy.declared()
    yield before
    privacy.declare(before)


def with_vendor(register: privacy.Register, changes: dict[str, dict[str, Any]]) -> None:
    vendor = copy.deepcopy(dict(register.vendor))
    for place, values in changes.items():
        vendor[place] = {**vendor[place], **values}
    privacy.declare(dataclasses.replace(register, vendor=vendor))


def with_service(register: privacy.Register, key: str, **changes: Any) -> None:
    changed = dataclasses.replace(register.services[key], **changes)
    privacy.declare(dataclasses.replace(register, services={**register.services, key: changed}))


@pytest.mark.policy("GEN-1")
def test_it_names_the_controller_and_the_postal_address(notice: Callable[[], Page], declared: privacy.Register) -> None:
    page = notice()

    assert declared.vendor["controller"]["name"] in page.text
    assert declared.vendor["controller"]["address"] in page.text


@pytest.mark.policy("GEN-2", "GEN-3")
def test_it_says_how_to_reach_the_officer_and_the_representative(
    notice: Callable[[], Page], declared: privacy.Register
) -> None:
    with_vendor(declared, CONTACTS)

    page = notice()

    for who, contact in CONTACTS.items():
        for value in (*contact.values(), declared.vendor[who]["name"], declared.vendor[who]["address"]):
            assert value in page.text
    assert {"mailto:dpo@example.org", "https://example.org/privacy", "tel:+49301234567"} <= set(page.attribute("href"))


@pytest.mark.policy("GEN-6")
def test_it_states_its_scope_and_the_catalogue_leads_to_the_section_of_every_service(
    app: App, notice: Callable[[], Page], declared: privacy.Register
) -> None:
    catalogue = app.test_client().get("/api/v1/privacy/catalogue").json
    page = notice()

    assert "It covers the sites and services that show this notice or link to it" in page.text
    assert [service["notice"] for service in catalogue["services"]] == [f"/privacy#{key}" for key in declared.services]
    assert set(declared.services) <= set(page.attribute("id"))
    assert all(service.title in page.text for service in declared.services.values())


@pytest.mark.policy("GEN-14")
def test_it_links_the_notice_for_california_as_a_part_of_itself(
    notice: Callable[[], Page], declared: privacy.Register
) -> None:
    link = {"title": "CCPA Privacy Notice", "web": "https://example.org/ccpa"}
    with_vendor(declared, {"links": {"ccpa_notice": link}})

    page = notice()

    assert "https://example.org/ccpa" in page.attribute("href")
    assert "CCPA Privacy Notice is part of this notice" in page.text


@pytest.mark.policy("GEN-15", "GEN-16", "GEN-17", "GEN-18", "GEN-19", "GEN-20", "GEN-22", "GEN-28")
def test_it_names_every_purpose_under_its_legal_basis(notice: Callable[[], Page]) -> None:
    page = notice()
    section = page.text.split("Which of them concern you")[1].split("Every kind of record")[0]
    of_basis = {
        "contract": section.split("Contract Needed")[1].split("Legitimate interest Needed")[0],
        "legitimate_interest": section.split("Legitimate interest Needed")[1].split("Legal obligation Needed")[0],
        "legal_obligation": section.split("Legal obligation Needed")[1].split("Your consent Only")[0],
        "consent": section.split("Your consent Only")[1],
    }

    for purpose in PURPOSES.values():
        assert f"To {purpose.says}." in of_basis[str(purpose.basis)]


@pytest.mark.policy("GEN-30")
def test_every_legitimate_interest_shows_its_balancing_statement(notice: Callable[[], Page]) -> None:
    page = notice()
    balances = [purpose.balance for purpose in PURPOSES.values() if str(purpose.basis) == "legitimate_interest"]

    assert len(balances) == 4
    assert all(balance in page.text for balance in balances)


@pytest.mark.policy("GEN-21", "GEN-33")
def test_each_service_shows_its_own_data_functions_and_purposes(
    notice: Callable[[], Page], declared: privacy.Register
) -> None:
    sections = sections_of(notice(), declared)

    for key, service in declared.services.items():
        for ask in (*service.asks, *(ask for form in service.forms for ask in form.asks)):
            assert ask.field.kind.says + ("*" if ask.required else "") in sections[key]
            assert f"to {PURPOSES[ask.purpose].says}" in sections[key]
        for feature in service.offers:
            assert feature.says in sections[key]
            assert all(kind.says in sections[key] for kind in feature.needs)
        for purpose in service.purposes:
            assert f"to {purpose.says}" in sections[key]
    assert "to " + PURPOSES["report_analysis"].says not in sections["my-account"]


@pytest.mark.policy("GEN-33")
def test_only_mandatory_data_carry_a_star(notice: Callable[[], Page], declared: privacy.Register) -> None:
    page = notice()
    services = declared.services.values()
    asks = [ask for service in services for ask in (*service.asks, *(a for form in service.forms for a in form.asks))]
    stars = [element for element in page.all("span") if element.attributes.get("class") == "star"]

    assert len(stars) == 1 + sum(ask.required for ask in asks)  # one explains the sign
    assert "mobile phone number*" not in page.text


@pytest.mark.policy("GEN-32")
def test_it_states_that_nothing_is_decided_automatically(notice: Callable[[], Page]) -> None:
    assert "We use no automated decision making" in notice().text


@pytest.mark.policy("GEN-34")
def test_it_says_that_it_can_change_and_asks_to_come_back(notice: Callable[[], Page]) -> None:
    text = notice().text

    assert "This notice can change, when the law or our internal processes change" in text
    assert "We recommend to come back to it" in text


@pytest.mark.policy("MYK-1")
def test_one_section_covers_the_four_siblings(notice: Callable[[], Page], declared: privacy.Register) -> None:
    titles = [declared.vendor["titles"][key] for key in ("account", "small-office-console", "anti-theft")]

    section = sections_of(notice(), declared)["my-account"]

    assert all(title in section for title in titles)


def test_the_documents_of_a_service_are_linked(notice: Callable[[], Page], declared: privacy.Register) -> None:
    link = {"title": "Regulation on Data Provisioning", "web": "https://example.org/regulation"}
    with_vendor(declared, {"links": {"regulation_data_provisioning": link}})

    assert "https://example.org/regulation" in notice().attribute("href")


@pytest.mark.policy("LOC-1", "LOC-4")
def test_it_lists_the_countries_with_membership_and_adequacy(notice: Callable[[], Page]) -> None:
    section = notice().text.split("Data can be processed in these countries.")[1].split("Where there is no decision")[0]

    for country in ("Germany", "Netherlands", "France"):
        assert f"{country} inside not needed" in section
    for country in ("United Kingdom", "Switzerland"):
        assert f"{country} outside yes" in section
    for country in ("Canada", "Japan", "USA"):
        assert f"{country} outside yes, for " in section
    for country in ("Singapore", "Russia", "Mexico", "China", "Azerbaijan"):
        assert f"{country} outside none: Standard Contractual Clauses" in section


@pytest.mark.policy("REC-5", "REC-6", "REC-7", "REC-8", "REC-9", "REC-10")
def test_it_publishes_the_categories_of_recipients(notice: Callable[[], Page]) -> None:
    section = notice().text.split("Such companies may work for us in these categories: ")[1].split(". These")[0]

    assert section.split("; ") == [
        "Web analytics",
        "Data processing",
        "Advertising",
        "E-mail distribution",
        "Payment processing",
        "Order fulfilment",
        "Other services",
    ]


@pytest.mark.policy("PRI-4", "REC-4", "REC-11")
def test_each_recipient_shows_what_it_gets_where_it_is_and_under_which_safeguard(
    app: App, notice: Callable[[], Page], declared: privacy.Register
) -> None:
    text = notice().text.replace("  ", " ")

    for recipient in app.test_client().get("/api/v1/privacy/catalogue").json["recipients"]:
        known = declared.vendor["countries"].get(recipient["country"])
        country = known["name"] if known else recipient["country"]
        assert all(recipient[part][1:] in text for part in ("says", "category", "safeguard"))
        purposes = " ".join(f"to {PURPOSES[key].says}" for key in recipient["purposes"])
        where = f"Country {country} Safeguard {recipient['safeguard']} Bound to {recipient['rules']} What for"
        assert f"{where} ({len(recipient['purposes'])}) {purposes}" in text


@pytest.mark.policy("COO-1", "COO-2", "COO-3", "COO-4", "COO-5", "COO-6", "COO-7", "COO-8", "COO-19")
def test_it_lists_the_eight_categories_and_every_cookie(app: App, notice: Callable[[], Page]) -> None:
    section = notice().text.split("Category What for Cookies")[1].split("You can set your browser")[0]

    for category in (
        "user input",
        "authentication",
        "preferences",
        "performance",
        "security",
        "third party advertising",
        "first party analytics",
        "social network tracking",
    ):
        assert category in section
    assert app.cookies_allowed
    assert all(name in section for name in app.cookies_allowed)


@pytest.mark.policy("COO-21", "COO-22")
def test_it_explains_how_to_block_cookies_and_what_that_costs(notice: Callable[[], Page]) -> None:
    text = notice().text

    assert "You can set your browser to block cookies, or to tell you before a site sets one" in text
    assert "Blocking cookies may keep some functions from working" in text


@pytest.mark.policy("RIG-1", "RIG-19", "RIG-34")
def test_it_names_the_rights_and_the_contacts_to_use_them(
    notice: Callable[[], Page], declared: privacy.Register
) -> None:
    contacts = {key: {"title": key, "web": f"https://example.org/{key}"} for key in ("privacy_contact", "complaints")}
    with_vendor(declared, {"links": contacts})

    page = notice()

    for right in (
        "Access",
        "Rectification",
        "Erasure",
        "Restriction",
        "Portability",
        "Objection",
        "Withdrawal of consent",
    ):
        assert right in page.text
    assert {"https://example.org/privacy_contact", "https://example.org/complaints"} <= set(page.attribute("href"))


@pytest.mark.policy("RIG-17", "RIG-35")
def test_it_names_the_right_to_complain_and_the_authority_of_each_country(
    notice: Callable[[], Page], declared: privacy.Register
) -> None:
    page = notice()
    member_states = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()

    assert "the right to lodge a complaint with the competent supervisory authority at any time" in page.text
    for code in (*member_states, "IS", "LI", "NO", "GB", "CH", "RU"):
        authority = declared.vendor["authorities"][code]
        assert f": {authority['name']}" in page.text
        assert f"authority-{code}" in page.attribute("id")
        assert authority["web"] in page.attribute("href")


def test_the_periods_of_the_page_are_those_of_the_sweeps(
    notice: Callable[[], Page], declared: privacy.Register
) -> None:
    before = sections_of(notice(), declared)["motorsport"]
    with_service(declared, "motorsport", keep=Period(days=3), backups=Period(days=5))

    after = sections_of(notice(), declared)["motorsport"]

    assert "deleted within 24 hours." in before
    assert "deleted within 3 days." in after
    assert "to be gone 5 days after it was made." in after


@pytest.mark.parametrize("key", ["office-365", "report-parser", "cloud-console", "web-forms"])
def test_clocks_of_a_service_are_shown(notice: Callable[[], Page], declared: privacy.Register, key: str) -> None:
    section = sections_of(notice(), declared)[key]

    assert declared.services[key].clocks
    for clock in declared.services[key].clocks:
        assert f"at the latest {clock.period} after {clock.after.says}." in section


def test_it_says_how_soon_at_once_is(notice: Callable[[], Page]) -> None:
    minutes = system.current().settings.sweep_minutes

    assert f"the next run of the deletion job, every {minutes} minutes" in notice().text


def test_it_says_which_services_take_registrations(notice: Callable[[], Page], declared: privacy.Register) -> None:
    sections = sections_of(notice(), declared)
    said = {key: "takes registrations" in section for key, section in sections.items()}

    assert said == {key: service.opens_with(declared.parts) for key, service in declared.services.items()}
    assert "takes registrations" in sections["company-account"]
    assert "needs no account" in sections["web-forms"]


def test_it_says_that_a_service_without_all_its_parts_takes_no_registrations(
    notice: Callable[[], Page], declared: privacy.Register
) -> None:
    privacy.declare(dataclasses.replace(declared, parts=declared.parts - {Part.COMPANIES}))

    sections = sections_of(notice(), declared)

    assert "takes no registrations yet" in sections["company-account"]
    assert "takes registrations" in sections["my-account"]


def test_consents_are_shown_with_their_words_and_what_stops(
    notice: Callable[[], Page], declared: privacy.Register
) -> None:
    sections = sections_of(notice(), declared)

    for key, service in declared.services.items():
        for consent in service.consents:
            assert f"“{consent.text}”" in sections[key]
            assert CONSENTS[consent.key].stops[1:] in sections[key]
        assert ("off until you tick" in sections[key]) == bool(service.consents)


def test_every_record_about_people_is_shown_with_its_retention(app: App, notice: Callable[[], Page]) -> None:
    text = notice().text.lower()

    for record in app.test_client().get("/api/v1/privacy/catalogue").json["records"]:
        assert record["says"].lower() in text
        assert all(rule["says"].lower() in text for rule in record["retention"])


def test_its_version_is_that_of_the_catalogue_and_changes_with_a_declaration(
    app: App, notice: Callable[[], Page], declared: privacy.Register
) -> None:
    version = app.test_client().get("/api/v1/privacy/catalogue").json["version"]
    shown = f"Version {version}:" in notice().text
    with_service(declared, "motorsport", keep=Period(days=3))

    assert shown
    assert f"Version {version}:" not in notice().text


def test_every_link_inside_the_page_leads_somewhere(notice: Callable[[], Page]) -> None:
    page = notice()
    targets = page.attribute("id")
    inside = {href[1:] for href in page.attribute("href") if href.startswith("#")}

    assert len(targets) == len(set(targets))
    assert inside <= set(targets)
    assert {"who", "services", "purposes", "kept", "recipients", "cookies", "where", "rights", "my-account"} <= inside


def test_a_vendor_cannot_put_markup_into_the_page(notice: Callable[[], Page], declared: privacy.Register) -> None:
    with_vendor(declared, {"controller": {"name": "<script>alert(1)</script> & {{ 7*7 }}"}})

    page = notice()

    assert page.all("script") == []
    assert "<script>alert(1)</script> & {{ 7*7 }}" in page.text


def test_the_catalogue_has_exactly_the_shape_it_promises(app: App, declared: privacy.Register) -> None:
    catalogue = privacy.catalogue()

    assert CatalogueOut().validate(catalogue) == {}
    assert app.test_client().get("/api/v1/privacy/catalogue").json == catalogue
    for service in catalogue["services"]:
        assert [form["key"] for form in service["forms"]] == [
            form.key for form in declared.services[service["key"]].forms
        ]
        assert [clock["period"] for clock in service["clocks"]] == [
            clock.period.iso() for clock in declared.services[service["key"]].clocks
        ]


def sections_of(page: Page, register: privacy.Register) -> dict[str, str]:
    """Give the text of each service's section."""
    text = page.text.split("every 15 minutes.")[1].split("Purposes and legal bases Which")[0]
    sections, keys = {}, list(register.services)
    for key in reversed(keys):
        text, begins, rest = text.rpartition(f"{register.services[key].title} {_chip(register, key)}")
        sections[key] = begins + rest
    return sections


def _chip(register: privacy.Register, key: str) -> str:
    service = register.services[key]
    return "takes" if service.has_accounts else "needs no account"


@pytest.mark.policy("LOC-6")
def test_it_says_how_to_get_a_copy_of_the_clauses(notice: Callable[[], Page], declared: privacy.Register) -> None:
    link = {"title": "Copy of the Standard Contractual Clauses", "web": "https://example.org/clauses"}
    with_vendor(declared, {"links": {"standard_contractual_clauses": link}})

    page = notice()
    section = page.text.split("How to get a copy of the clauses")[1].split("Your rights")[0]

    assert "https://example.org/clauses" in page.attribute("href")
    assert "Or write to the data protection officer, who sends you a copy free of charge." in section


@pytest.mark.policy("LOC-8")
def test_it_names_the_clauses_within_the_group(notice: Callable[[], Page], declared: privacy.Register) -> None:
    group = declared.vendor["group"]

    assert f"Within our group ({group['name']}) these hold: {group['clauses']}." in notice().text


@pytest.mark.policy("LOC-7")
def test_each_service_shows_how_its_data_are_protected(notice: Callable[[], Page], declared: privacy.Register) -> None:
    sections = sections_of(notice(), declared)

    for key, service in declared.services.items():
        assert service.measures
        assert all(measure in sections[key] for measure in service.measures)


@pytest.mark.policy("PRI-5")
def test_it_says_that_linked_partners_have_notices_of_their_own(
    notice: Callable[[], Page], declared: privacy.Register
) -> None:
    with_vendor(declared, {"partners": {"shop": {"title": "A shop", "web": "https://shop.example"}}})

    page = notice()

    assert "A shop. They have their own notices and their own responsibility" in page.text
    assert "https://shop.example" in page.attribute("href")


@pytest.mark.policy("COO-18", "COO-20")
def test_it_lists_analytics_services_and_explains_modules_of_social_networks(
    notice: Callable[[], Page], declared: privacy.Register
) -> None:
    before = notice().text
    planted = [
        Recipient(key, says, says, ("user.device",), (PURPOSES["statistics"],), "DE", "contract")
        for key, says in (("counter", "web analytics"), ("network", "social networks"))
    ]
    extra = Declaration("planted", recipients=tuple(planted))
    privacy.declare(dataclasses.replace(declared, declarations=(*declared.declarations, extra)))

    after = notice().text

    assert "Analytics services This installation uses none." in before
    assert "Networks This installation embeds none." in before
    assert "Analytics services We use these: web analytics." in after
    assert "Networks social networks" in after
    assert f"What you can agree to “{CONSENTS['social_modules'].text}”" in after
    assert f"When you take it back {CONSENTS['social_modules'].stops}" in after


@pytest.mark.policy("RIG-36")
@pytest.mark.parametrize(("country", "status"), [("DE", 200), ("BR", 404), ("XX", 422), ("", 422)])
def test_the_authority_is_computed_from_the_country(
    app: App, declared: privacy.Register, country: str, status: int
) -> None:
    answer = app.test_client().get(f"/api/v1/privacy/authority?country={country}")

    assert answer.status_code == status
    if status == 200:
        assert answer.json == {"country": country, **declared.vendor["authorities"][country]}


@pytest.mark.parametrize(
    ("tongue", "said"),
    [
        ("de", ("Datenschutzerklärung", "Löschfrist: 24 Stunden.", "90 Tage, nachdem der Bericht hochgeladen wurde")),
        ("ru", ("Уведомление о конфиденциальности", "срок удаления: 24 часа.", "90 дней после того, как отчёт")),
    ],
)
def test_it_speaks_the_language_of_the_browser_or_of_the_address(app: App, tongue: str, said: tuple[str, ...]) -> None:
    client = app.test_client()
    asked = client.get(f"/privacy?language={tongue}")
    preferred = client.get("/privacy", headers={"Accept-Language": f"{tongue}, en;q=0.5"})
    unknown = client.get("/privacy?language=xx", headers={"Accept-Language": tongue})

    assert {answer.headers["Content-Language"] for answer in (asked, preferred, unknown)} == {tongue}
    assert "Accept-Language" in asked.headers["Vary"]
    assert all(text in read(asked).text for text in said)
    assert read(asked).all("html")[0].attributes["lang"] == tongue


def test_the_rights_lead_to_the_form_for_people_who_cannot_sign_in(notice: Callable[[], Page]) -> None:
    assert "/privacy/request" in notice().attribute("href")
