"""What the consents module declares."""

from suite.declarations import Cookie, CookieCategory, Declaration, Period

CHOICES = ("__Host-choices", "suite_choices")
DOWNLOAD = ("__Host-download", "suite_download")
"""Names of the cookies with TLS, and on an installation without it, for development."""

declaration = Declaration(
    module="consents",
    cookies=(
        *(
            Cookie(
                name,
                CookieCategory.PREFERENCES,
                "remembers which cookies you chose; set when you choose, the same for everybody who chose the same",
                Period(months=6),
            )
            for name in CHOICES
        ),
        *(
            Cookie(  # COO-11 to COO-13
                name,
                CookieCategory.PREFERENCES,
                "remembers which application you downloaded, to improve how site and product work together",
                Period(days=30),
                consent="download_cookies",
            )
            for name in DOWNLOAD
        ),
    ),
)
