"""What goes in and out of the accounts routes."""

from suite.accounts.schemas.entry import *  # noqa: F403
