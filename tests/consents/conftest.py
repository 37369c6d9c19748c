"""Letters for the tests of this folder."""

from tests.consents.letters import news, reminder

__all__ = ["news", "reminder"]
