"""What the services ask, on which terms, and for how long."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from suite.declarations import Basis, Part, Period
from suite.declarations.services import Reminders
from suite.services import SERVICES, open_services, service

DAYS = [datetime(2027, 1, 1, 12, tzinfo=UTC) + timedelta(days=day) for day in range(1461)]
WITH_ACCOUNT = {
    *("provide_service", "sign_in", "service_notifications", "protect_accounts", "prevent_fraud"),
    *("honour_requests", "consent_records", "legal_obligation", "disclosure_by_law"),
}


def case(*values: Any, proves: str = "") -> Any:
    """Make a row of a table; it proves statements where the declaration itself is what they ask for."""
    return pytest.param(*values, marks=[pytest.mark.policy(*proves.split())] if proves else [], id=values[0])


def fields(key: str, *, required: bool) -> set[str]:
    return {ask.field.name for ask in service(key).asks if ask.required is required}


def features(key: str) -> dict[str, set[str]]:
    return {feature.key: {kind.name for kind in feature.needs} for feature in service(key).offers}


def form(key: str, name: str) -> Any:
    return next(form for form in service(key).forms if form.key == name)


# --- registration ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "required", "optional"),
    [
        case("my-account", "email password", "phone", proves="MYK-2 MYK-3 MYK-17"),
        case(
            "motorsport",
            "user_name password first_name last_name email",
            "",
            proves="MOT-1 MOT-2 MOT-3 MOT-4 MOT-5",
        ),
        case(
            "business-hub",
            "email password country",
            "phone security_question security_answer",
            proves="BUS-1 BUS-2 BUS-5 BUS-9",
        ),
        case(
            "cloud-console",
            "email password",
            "phone security_question security_answer",
            proves="SCC-1 SCC-2 SCC-11",
        ),
        case("office-365", "email company_name password", "", proves="O365-1 O365-2 O365-3 O365-7"),
        case(
            "company-account",
            "email password first_name last_name company country license",
            "",
        ),
        case(
            "partner-portal",
            "email password full_name",
            "street city postal_code country contact_phone",
            proves="PAR-1 PAR-2 PAR-3 PAR-4",
        ),
        case("report-parser", "email password", "", proves="GSI-1 GSI-2 GSI-11"),
    ],
)
def test_registration_asks_exactly_what_the_policy_names(key: str, required: str, optional: str) -> None:
    assert fields(key, required=True) == set(required.split())
    assert fields(key, required=False) == set(optional.split())


def test_with_accounts_alone_seven_services_are_open_in_the_order_of_the_policy() -> None:
    assert [each.key for each in open_services({Part.ACCOUNTS})] == [
        "my-account",
        "motorsport",
        "business-hub",
        "cloud-console",
        "office-365",
        "partner-portal",
        "report-parser",
    ]


@pytest.mark.parametrize("missing", [Part.COMPANIES, Part.LICENSES])
def test_company_account_stays_closed_until_companies_and_licences_are_there(missing: Part) -> None:
    company_account = service("company-account")

    assert company_account.opens_with(Part)
    assert not company_account.opens_with(set(Part) - {missing})


def test_nobody_can_register_with_web_forms() -> None:
    assert not service("web-forms").opens_with(Part)


def test_an_unknown_service_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        service("nonsense")


@pytest.mark.policy("MYK-1")
def test_my_account_covers_four_services() -> None:
    assert [service("my-account").key, *service("my-account").siblings] == [
        "my-account",
        "account",
        "small-office-console",
        "anti-theft",
    ]


# --- purposes -------------------------------------------------------------------------------------


@pytest.mark.policy("PRI-1", "GEN-21")
@pytest.mark.parametrize("key", SERVICES)
def test_every_field_serves_a_purpose_its_service_declares(key: str) -> None:
    declared = {purpose.key for purpose in service(key).purposes}
    asks = [*service(key).asks, *(ask for form in service(key).forms for ask in form.asks)]

    assert asks
    assert {ask.purpose for ask in asks} <= declared


@pytest.mark.parametrize("key", SERVICES)
def test_a_service_asks_for_consent_exactly_where_a_purpose_of_it_rests_on_consent(key: str) -> None:
    resting = {purpose.key for purpose in service(key).purposes if purpose.basis is Basis.CONSENT}

    assert {consent.key for consent in service(key).consents} == resting


@pytest.mark.parametrize("key", SERVICES)
def test_features_and_forms_use_only_consents_of_their_service(key: str) -> None:
    own = set(service(key).consents)
    used = {feature.consent for feature in service(key).offers} | {form.consent for form in service(key).forms}

    assert used - {None} <= own


@pytest.mark.policy("GEN-27")
def test_a_form_with_consent_asks_every_field_for_that_purpose_only() -> None:
    forms = [form for each in SERVICES.values() for form in each.forms if form.consent]

    assert len(forms) == 7
    for each in forms:
        assert {ask.purpose for ask in each.asks} == {each.consent.key if each.consent else ""}


@pytest.mark.parametrize(
    ("key", "besides"),
    [
        case(
            "company-account",
            "technical_support",
            proves="COM-13",
        ),
        case("report-parser", "report_analysis", proves="GSI-18"),
        case(
            "partner-portal",
            "upgrades newsletter research relevant_content offers better_products orders find_information "
            "technical_support answer_questions",
            proves="PAR-10 PAR-11 PAR-12 PAR-13 PAR-14 PAR-15 PAR-16",
        ),
    ],
)
def test_these_services_process_for_nothing_but(key: str, besides: str) -> None:
    assert {purpose.key for purpose in service(key).purposes} == WITH_ACCOUNT | set(besides.split())


@pytest.mark.policy("MYK-19", "MYK-20", "BUS-11", "BUS-14", "SCC-12", "SCC-13", "O365-9", "O365-10", "COM-14")
@pytest.mark.parametrize("key", SERVICES)
def test_marketing_and_analytics_of_use_always_need_consent(key: str) -> None:
    commercial = (
        "marketing",
        "personalize.content",
        "analytics.reporting.campaign_insights",
        "third_party_sharing",
    )
    needing = [
        purpose
        for purpose in service(key).purposes
        if purpose.use.startswith(commercial) and purpose.basis is not Basis.LEGAL_OBLIGATION
    ]

    assert [purpose.key for purpose in needing if purpose.basis is not Basis.CONSENT] == []


@pytest.mark.parametrize(
    "key",
    [
        case("my-account", proves="MYK-22"),
        case("business-hub", proves="BUS-16"),
        case("cloud-console", proves="SCC-15"),
    ],
)
def test_the_mobile_number_serves_security_codes_only(key: str) -> None:
    purposes = {ask.purpose for ask in service(key).asks if ask.field.kind.name == "phone"}
    needing = {name for name, kinds in features(key).items() if "phone" in kinds}

    assert purposes == {"security_codes"}
    assert needing == {"security_codes"}


@pytest.mark.parametrize("key", [case("business-hub", proves="BUS-17"), case("cloud-console", proves="SCC-16")])
def test_the_security_question_is_optional_and_serves_regaining_access_only(key: str) -> None:
    asked = [ask for ask in service(key).asks if ask.field.part is Part.SECURITY_QUESTIONS]

    assert [(ask.field.name, ask.required, ask.purpose) for ask in asked] == [
        ("security_question", False, "regain_access"),
        ("security_answer", False, "regain_access"),
    ]


@pytest.mark.policy("BUS-25")
def test_the_country_serves_buying_licences_online_only() -> None:
    asked = [ask.purpose for ask in service("business-hub").asks if ask.field.name == "country"]

    assert asked == ["orders"]
    assert [name for name, kinds in features("business-hub").items() if "country" in kinds] == ["purchases"]


def test_support_for_companies_looks_at_licences_country_and_language_besides_the_request() -> None:
    assert features("company-account")["support"] == {"license_number", "country", "language", "support_text"}


def test_a_linked_card_means_expiry_last_four_symbols_and_the_link() -> None:
    assert features("my-account")["linked_card"] == {"card_expiry", "card_last_four", "store_link"}


@pytest.mark.parametrize(
    ("key", "consents"),
    [
        case("my-account", "license_reminders news_by_email", proves="MYK-20"),
        case("motorsport", "motorsport_news"),
        case(
            "business-hub",
            "news_by_email product_reviews_contact statistics",
            proves="BUS-12 BUS-13",
        ),
        case("cloud-console", "license_reminders statistics"),
        case("office-365", "news_by_email", proves="O365-10"),
        case("company-account", "", proves="COM-14"),
        case("report-parser", ""),
    ],
)
def test_these_and_no_other_consents_can_be_given(key: str, consents: str) -> None:
    assert [consent.key for consent in service(key).consents] == consents.split()


@pytest.mark.parametrize(
    ("key", "reminders", "purpose", "basis"),
    [
        case("my-account", Reminders.OPT_IN, "license_reminders", Basis.CONSENT, proves="MYK-49"),
        case("cloud-console", Reminders.OPT_IN, "license_reminders", Basis.CONSENT, proves="SCC-22"),
        case("business-hub", Reminders.SERVICE_MESSAGE, "license_notices", Basis.CONTRACT),
    ],
)
def test_licence_reminders_rest_on_the_ground_of_the_service(
    key: str, reminders: Reminders, purpose: str, basis: Basis
) -> None:
    about_licences = {"license_reminders", "license_notices"}
    grounds = {each.key: each.basis for each in service(key).purposes if each.key in about_licences}

    assert service(key).reminders is reminders
    assert grounds == {purpose: basis}


# --- forms ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "required", "optional"),
    [
        case(
            "premium_content",
            "first_name last_name email contact_phone",
            "company_name country",
            proves="WEB-53",
        ),
        case("free_trial", "first_name last_name contact_phone email", ""),
        case("newsletter", "email", "first_name last_name"),
        case(
            "contact",
            "email message",
            "first_name last_name company_name contact_phone country",
            proves="WEB-53",
        ),
        case("incident_survey", "email rating", "recommendation"),
        case("annual_survey", "email rating", "recommendation"),
    ],
)
def test_web_forms_mark_exactly_these_fields_as_mandatory(name: str, required: str, optional: str) -> None:
    asks = form("web-forms", name).asks

    assert {ask.field.name for ask in asks if ask.required} == set(required.split())
    assert {ask.field.name for ask in asks if not ask.required} == set(optional.split())


@pytest.mark.policy("WEB-9")
def test_web_forms_note_address_and_date_and_ask_for_neither() -> None:
    for each in service("web-forms").forms:
        assert [kind.name for kind in each.takes] == ["ip_address", "form_date"]
        assert not {ask.field.kind.name for ask in each.asks} & {"ip_address", "form_date"}


@pytest.mark.parametrize("key", [case("motorsport"), case("web-forms", proves="WEB-39")])
def test_a_contact_form_serves_the_answer_only(key: str) -> None:
    contact = form(key, "contact")

    assert {ask.purpose for ask in contact.asks} == {"answer_questions"}
    assert contact.consent is None


@pytest.mark.policy("PAR-7")
def test_the_partner_portal_declares_each_form_that_asks_for_personal_data() -> None:
    assert [each.key for each in service("partner-portal").forms] == [
        "order",
        "product_registration",
        "service_request",
        "survey",
        "contest",
        "correspondence",
    ]


# --- retention ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "keep"),
    [
        case("my-account", Period(), proves="MYK-66"),
        case("motorsport", Period(hours=24), proves="MOT-17"),
        case("business-hub", Period(months=1), proves="BUS-34"),
        case("cloud-console", Period(months=1), proves="SCC-36"),
        case("office-365", Period(months=1)),
        case("company-account", Period(months=1)),
        case("partner-portal", Period(), proves="PAR-22"),
        case("report-parser", Period(), proves="GSI-25"),
        case("web-forms", Period()),
    ],
)
def test_data_go_this_long_after_leaving(key: str, keep: Period) -> None:
    assert service(key).keep == keep


@pytest.mark.parametrize(
    ("key", "event", "period"),
    [
        case("cloud-console", "workspace_ended", Period()),
        case("office-365", "license_expired", Period(months=6)),
        case("report-parser", "report_uploaded", Period(days=90)),
        case("web-forms", "trial_ended", Period(days=14)),
    ],
)
def test_other_clocks_run_from_these_events(key: str, event: str, period: Period) -> None:
    assert [(clock.after.name, clock.period) for clock in service(key).clocks] == [(event, period)]


@pytest.mark.policy("MYK-66")
def test_data_of_a_closed_my_account_are_gone_from_backups_too_within_a_calendar_month() -> None:
    until_sweep = timedelta(hours=12)
    my_account = service("my-account")

    late = [
        day
        for day in DAYS
        if my_account.backups.after(my_account.keep.after(day) + until_sweep) > Period(months=1).after(day)
    ]

    assert late == []


@pytest.mark.policy("BUS-35", "SCC-37")
def test_backups_of_no_service_outlive_a_calendar_month() -> None:
    ages = {each.backups for each in SERVICES.values()}

    assert len(ages) == 1
    assert all(age.after(day) < Period(months=1).after(day) for age in ages for day in DAYS)


def test_what_must_be_gone_at_once_cannot_be_restored_from_a_backup() -> None:
    assert {each.key for each in SERVICES.values() if not each.restorable} == {
        "motorsport",
        "partner-portal",
        "report-parser",
        "web-forms",
    }


@pytest.mark.policy("PAR-21")
def test_as_long_as_you_use_the_service_has_a_declared_end() -> None:
    limits = {each.key: each.inactivity for each in SERVICES.values() if each.inactivity}

    assert limits == {"partner-portal": Period(months=24), "web-forms": Period(months=24)}
