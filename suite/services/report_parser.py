"""Analysis of reports about a computer's hardware and software."""

from suite.declarations.events import REPORT_UPLOADED
from suite.declarations.fields import Part
from suite.declarations.periods import Period
from suite.declarations.purposes import purposes
from suite.declarations.records import Keep
from suite.declarations.services import Feature, Service
from suite.services import terms
from suite.services.features import needs

report_parser = Service(
    key="report-parser",
    title="Report Parser",
    policy="GSI",
    says="have a report about your computer analysed for compatibility",
    asks=terms.EMAIL_AND_PASSWORD,  # GSI-1, GSI-2, GSI-11
    offers=(
        Feature(
            "report_analysis",
            "analysis of the report file you upload",  # GSI-3 to GSI-9, GSI-18
            Part.REPORTS,
            needs("system_report"),
        ),
    ),
    purposes=terms.WITH_ACCOUNT + purposes("report_analysis"),
    consents=(),
    keep=Period(),  # GSI-25, Amb-20
    clocks=(Keep(REPORT_UPLOADED, Period(days=90)),),  # GSI-23
    backups=terms.BACKUP_AGE,
    measures=terms.MEASURES,
    restorable=False,  # GSI-24
    links=(
        "information_provided",  # GSI-10
        "terms_report_parser",  # GSI-21
    ),
)
