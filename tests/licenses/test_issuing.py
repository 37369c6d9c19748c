"""Issuing licences, by whoever sells."""

import pytest

from suite.kernel import clock, db
from suite.kernel.http import App
from suite.licenses import issue
from suite.licenses.errors import NoSuchProduct, NotSoldSo, TermEndsTooEarly
from suite.licenses.finding import of_code, readable
from suite.licenses.models import License, LicenseBatch
from tests.licenses.making import issued, several

pytestmark = pytest.mark.usefixtures("app")


def test_every_code_given_opens_its_licence() -> None:
    made = several(5)

    with db.transaction(reading=True):
        assert [of_code(readable(code)).id for _, code in made] == [key for key, _ in made]
        assert len({code for _, code in made}) == 5
