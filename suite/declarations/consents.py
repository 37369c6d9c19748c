"""The questions of the policy that a person may say yes to, with what stops when the yes is taken back."""

from collections.abc import Mapping
from typing import Final

from suite.declarations.module import Basis, Consent, Purpose

_ASKED = (
    Consent(  # MYK-47, MYK-49, SCC-22
        Purpose(
            "license_reminders",
            "remind you by e-mail of licences that expire",
            "essential.service.notifications.email",
            Basis.CONSENT,
        ),
        "Remind me by e-mail when one of my licences is about to expire.",
        stops="You get no more reminders of expiring licences; the licences themselves stay as they are.",
    ),
    Consent(  # MYK-20, BUS-12, O365-10
        Purpose(
            "news_by_email",
            "send you news about products and services by e-mail",
            "marketing.communications.email",
            Basis.CONSENT,
        ),
        "Send me news about products and services by e-mail.",
        stops="You get no more news by e-mail; your account works as before.",
    ),
    Consent(  # BUS-13
        Purpose(
            "product_reviews_contact",
            "contact you about your product reviews",
            "marketing.communications",
            Basis.CONSENT,
        ),
        "Contact me about reviews I write of products.",
        stops="Nobody contacts you about your reviews any more; your account works as before.",
    ),
    Consent(  # BUS-29, SCC-31
        Purpose(
            "statistics",
            "collect statistics on how the service is used, also with analytics services",
            "analytics.reporting",
            Basis.CONSENT,
        ),
        "Collect statistics about my device, my browser and how I use this service.",
        stops="Your visits are no longer recorded for statistics; the service works as before.",
    ),
    Consent(  # MOT-8 to MOT-12
        Purpose(
            "motorsport_news",
            "send you the latest motorsport news by e-mail",
            "marketing.communications.email",
            Basis.CONSENT,
        ),
        "Send me motorsport news by e-mail, once I have confirmed my address.",
        stops="You get no more motorsport news, not even mails already waiting.",
    ),
    Consent(  # WEB-30 to WEB-33, PAR-10
        Purpose(
            "newsletter",
            "send you newsletters with product information, free updates and special offers",
            "marketing.communications.email",
            Basis.CONSENT,
        ),
        "Send me the newsletter with product information, free product updates and special offers.",
        stops="The newsletter stops, and your name and address are deleted from its list.",
    ),
    Consent(  # PAR-12
        Purpose(
            "offers",
            "send you special offers that may interest you",
            "marketing.communications.email",
            Basis.CONSENT,
        ),
        "Send me special offers that may interest me.",
        stops="You get no more special offers; your account works as before.",
    ),
    Consent(  # PAR-10
        Purpose(
            "research",
            "ask you about ideas for future products and improvements",
            "functional.service.improve",
            Basis.CONSENT,
        ),
        "Ask me about ideas for future products and improvements.",
        stops="You are no longer asked about future products; your account works as before.",
    ),
    Consent(  # GEN-17, PAR-11
        Purpose(
            "relevant_content",
            "create and show content that is relevant to you",
            "personalize.content",
            Basis.CONSENT,
        ),
        "Show me content chosen to be relevant to me.",
        stops="You see the same content as everybody else.",
    ),
    Consent(  # GEN-18, PAR-13
        Purpose(
            "better_products",
            "create better products and services",
            "functional.service.improve",
            Basis.CONSENT,
        ),
        "Use what I tell you to create better products and services.",
        stops="What you tell us is no longer used to improve products; your account works as before.",
    ),
    Consent(  # WEB-12 to WEB-15
        Purpose(
            "regional_contact",
            "let the regional office for your location inform you about products, services, other content, "
            "educational activities, seminars, events and campaigns",
            "marketing.communications",
            Basis.CONSENT,
        ),
        "Let the regional office for my location inform me about products, services and other content, and "
        "about educational activities, seminars, events and marketing campaigns.",
        stops="Your registration data are deleted and premium content is closed until you subscribe again.",
    ),
    Consent(  # WEB-21 to WEB-27
        Purpose(
            "free_trial",
            "send you the activation code of a trial, remind you of its end and make one last offer",
            "essential.service",
            Basis.CONSENT,
        ),
        "Send me an activation code, remind me of the end of the trial, and send me one last reminder with "
        "an offer within 14 days after it.",
        stops="Your trial data are deleted and you get no reminders, unless you bought a full licence.",
    ),
    Consent(  # GEN-18, WEB-46, WEB-48, WEB-51
        Purpose(
            "surveys",
            "improve technical support with your rating and recommendations",
            "essential.service.operations.improve",
            Basis.CONSENT,
        ),
        "Link my rating and recommendations with my contact data and support history to improve technical support.",
        stops="Your answers are no longer used and you are not surveyed again; support itself goes on.",
    ),
    Consent(  # GEN-17, COO-6
        Purpose(
            "advertising",
            "show you advertisements, also through other companies",
            "marketing.advertising.third_party",
            Basis.CONSENT,
        ),
        "Allow cookies of other companies that show me advertisements.",
        stops="Advertising cookies are removed; advertisements are no longer chosen with their help.",
    ),
    Consent(  # COO-14 to COO-17
        Purpose(
            "campaign_statistics",
            "measure with web beacons how well campaigns and mailings work",
            "analytics.reporting.campaign_insights",
            Basis.CONSENT,
        ),
        "Measure with web beacons whether I see your campaigns and open your mails.",
        stops="Pages and mails reach you without web beacons.",
    ),
    Consent(  # COO-11 to COO-13
        Purpose(
            "download_cookies",
            "improve how you work with site and product after a download",
            "functional.service.improve",
            Basis.CONSENT,
        ),
        "Set a cookie when I download an application, to improve how site and product work together.",
        stops="Downloads set no cookie.",
    ),
    Consent(  # COO-4
        Purpose(
            "site_performance",
            "measure how fast and reliably the sites work for you",
            "analytics.reporting.system.performance",
            Basis.CONSENT,
        ),
        "Allow cookies that measure how fast and reliably the site works for me.",
        stops="Performance cookies are removed; the site works as before.",
    ),
    Consent(  # COO-8, COO-20
        Purpose(
            "social_modules",
            "connect pages with social networks",
            "third_party_sharing",
            Basis.CONSENT,
        ),
        "Allow modules of social networks, which then learn which of these pages I visit.",
        stops="Modules of social networks are not loaded any more.",
    ),
)

CONSENTS: Final[Mapping[str, Consent]] = {consent.key: consent for consent in _ASKED}


def consents(*keys: str) -> tuple[Consent, ...]:
    """Give consents by their keys."""
    return tuple(CONSENTS[key] for key in keys)
