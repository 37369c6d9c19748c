"""Languages: English texts are the keys, German and Russian come from `suite/locale/*.po`."""

import re
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


@cache
def _patterns(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Give the texts with places, as patterns that know a text whose places are filled in; the most wordy first."""
    with_places = {text: translation for text, translation in _catalogue(language).items() if "{" in text}
    wordy = sorted(with_places, key=lambda text: -len(re.sub(r"\{\w+\}", "", text)))
    return tuple((re.compile(_pattern(text)), with_places[text]) for text in wordy)


def _pattern(text: str) -> str:
    """Write a text as a pattern: each place is a group, a place that comes again must hold the same."""
    pieces: list[str] = []
    seen: set[str] = set()
    for piece in re.split(r"(\{\w+\})", text):
        name = piece[1:-1]
        if piece != f"{{{name}}}":
            pieces.append(re.escape(piece))
        else:
            pieces.append(f"(?P={name})" if name in seen else f"(?P<{name}>.+?)")
            seen.add(name)
    return "".join(pieces)


def known(text: str, language: str) -> str:
    """Give the text in that language, in English where exactly this text has no translation."""
    return _catalogue(language).get(text, text) if language in LANGUAGES else text


def in_language(text: str, language: str) -> str:
    """Give the text in that language, in English where there is no translation.

    A library's sentence comes with its places filled in, such as "Longer than maximum length 64."; it is
    known by the text it was made from, and its values go into the translation.
    """
    if language not in LANGUAGES:
        return text
    found = _catalogue(language).get(text)
    if found is not None:
        return found
    for pattern, translation in _patterns(language):
        if match := pattern.fullmatch(text):
            return translation.format_map(match.groupdict())
    return text


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
