"""The commands behind `suite`, one file per subject."""
