"""Languages: English texts are the keys, German and Russian come from `suite/locale/*.po`."""

from functools import cache
from pathlib import Path

LANGUAGES = ("en", "de", "ru")
FOLDER = Path(__file__).parent.parent / "locale"


def marked(text: str) -> str:
    """Mark a text for translation and give it back unchanged."""
    return text


@cache
def _catalogue(language: str) -> dict[str, str]:
    if language == "en":
        return {}
    from babel.messages.pofile import read_po

    with (FOLDER / f"{language}.po").open("rb") as file:
        return {str(entry.id): str(entry.string) for entry in read_po(file) if entry.id and entry.string}


def in_language(text: str, language: str) -> str:
    """Give the text in that language, in English where there is no translation."""
    return _catalogue(language).get(text, text) if language in LANGUAGES else text


def chosen(accept_language: str | None) -> str:
    """Pick the best language for an Accept-Language header; English when none fits."""
    best, weight = "en", 0.0
    for part in (accept_language or "")[:200].split(","):
        tag, _, quality = part.partition(";")
        language = tag.strip().split("-")[0].lower()
        try:
            value = float(quality.strip().lower().removeprefix("q=")) if quality else 1.0
        except ValueError:
            continue
        if language in LANGUAGES and value > weight:
            best, weight = language, value
    return best
