"""The declarations in the formats of others: Fides, the record of processing (Article 30 GDPR), DPV."""

from suite.privacy.formats.dpv import document as dpv
from suite.privacy.formats.fides import document as fides
from suite.privacy.formats.record import as_csv, as_html

__all__ = ["as_csv", "as_html", "dpv", "fides"]
