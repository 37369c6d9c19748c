"""What goes in where a licence opens the way into a company."""

from suite.declarations.fields import COMPANY, LICENSE
from suite.kernel.fields import Schema, Text


class EntryIn(Schema):
    """What tells which company is meant, and its name if you are the first of it."""

    example = {"license": "ABCDE-FGHJK-LMNPQ-RSTUV-WXYZ2", "company": "Lee Ltd"}

    license = Text(
        most=LICENSE.max_length,
        lines=True,
        required=True,
        load_only=True,
        metadata={"description": "An activation code, the text of a key file, or the token of an invitation."},
    )
    company = Text(
        most=COMPANY.max_length,
        required=True,
        metadata={"description": "Name of the company, as it calls itself; used if you found it."},
    )
