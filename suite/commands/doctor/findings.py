"""What a check finds."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How good it is: WARN works today and deserves a look, FAIL must be mended."""

    OK = "OK"
    WARN = "WARN"
    FAIL = "FAIL"


@dataclass(frozen=True)
class Finding:
    """One line of the doctor."""

    check: str
    verdict: Verdict
    says: str

    @property
    def line(self) -> str:
        """The finding as it is printed behind its verdict."""
        return f"{self.check:<16} {self.says}"


def ok(check: str, says: str) -> Finding:
    """Say that all is well."""
    return Finding(check, Verdict.OK, says)


def warn(check: str, says: str) -> Finding:
    """Say what deserves a look."""
    return Finding(check, Verdict.WARN, says)


def fail(check: str, says: str) -> Finding:
    """Say what must be mended, and how."""
    return Finding(check, Verdict.FAIL, says)
