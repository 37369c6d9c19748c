"""What goes in and out of the routes for second factors."""

import marshmallow as ma

from suite.factors.schemas import NAME, FactorOut, TextOut
from suite.kernel.fields import Schema, Text


class PhoneIn(Schema):
    """A mobile phone that shall get security codes, and nothing else ever."""

    example = {"phone": "+4915112345678", "name": "my phone"}

    phone = Text(least=8, most=32, required=True, metadata={"description": "In international form."})
    name = Text(most=64, required=True, metadata=NAME)


class PhoneOut(TextOut):
    """A phone that waits for the code it was sent."""

    factor = ma.fields.Nested(FactorOut, required=True)


class NameIn(Schema):
    """Another name for a factor."""

    example = {"name": "old phone"}

    name = Text(most=64, required=True, metadata=NAME)
