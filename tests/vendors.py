"""A vendor file as an operator fills it in: nothing that people must find is empty."""

import re
from pathlib import Path

from suite.services.vendor import DEFAULT_FILE


def complete(folder: Path) -> Path:
    """Write the file of the package with every empty entry filled in."""
    text = re.sub(r'(\w+) = ""', r'\1 = "https://example.org/\1"', DEFAULT_FILE.read_text(encoding="utf-8"))
    path = folder / "vendor.toml"
    path.write_text(text, encoding="utf-8")
    return path
