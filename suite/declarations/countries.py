"""Country codes of ISO 3166-1 alpha-2, and XK for Kosovo."""

from importlib.resources import files

COUNTRIES = tuple(files("suite.declarations").joinpath("countries.txt").read_text(encoding="ascii").split())
