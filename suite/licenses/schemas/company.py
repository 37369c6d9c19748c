"""What goes in and out of the routes for licences of a company."""

from suite.kernel.fields import Schema, Secret

_CODE = {
    "description": "An activation code, or a key file as it is. Case, blanks and dashes of a code do not matter.",
    "example": "KX7QH-9M2RD-3TBWV-8FNJC-5PGYA",
}


class CompanyLicenseIn(Schema):
    """An activation code, or the text of a key file, of which nothing is kept but the record about the licence."""

    example = {"code": "KX7QH-9M2RD-3TBWV-8FNJC-5PGYA"}

    code = Secret(most=8000, required=True, metadata=_CODE)
