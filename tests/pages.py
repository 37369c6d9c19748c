"""Reads HTML as a browser would: which elements there are, which text is shown, what would be loaded."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

_UNSEEN = frozenset({"style", "script", "title", "noscript"})
_INLINE = frozenset({"a", "abbr", "code", "span", "strong"})
_LOADS = {"src", "srcset", "action", "formaction", "poster", "data", "background"}


@dataclass
class Element:
    """One element with its attributes."""

    name: str
    attributes: dict[str, str]


@dataclass
class Page:
    """A page as it was read."""

    elements: list[Element] = field(default_factory=list)
    text: str = ""

    def all(self, name: str) -> list[Element]:
        """Give the elements of one name."""
        return [element for element in self.elements if element.name == name]

    def attribute(self, attribute: str) -> list[str]:
        """Give every value of an attribute."""
        return [element.attributes[attribute] for element in self.elements if attribute in element.attributes]

    @property
    def loads(self) -> list[str]:
        """Give the addresses a browser would ask for on its own."""
        own = [value for name in _LOADS for value in self.attribute(name)]
        return own + [link.attributes.get("href", "") for link in self.all("link")]

    @property
    def handlers(self) -> list[str]:
        """Give inline event handlers."""
        return [name for element in self.elements for name in element.attributes if name.startswith("on")]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self._unseen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.page.elements.append(Element(tag, {name: value or "" for name, value in attrs}))
        if tag in _UNSEEN:
            self._unseen.append(tag)
        self._break_before(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._unseen and self._unseen[-1] == tag:
            self._unseen.pop()

        self._break_before(tag)

    def _break_before(self, tag: str) -> None:
        if tag not in _INLINE:
            self.page.text += " "

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.page.text += data


def read(html: Any) -> Page:
    """Read a page; runs of white space in its text become one space."""
    reader = _Reader()
    reader.feed(html if isinstance(html, str) else html.get_data(as_text=True))
    reader.page.text = " ".join(reader.page.text.split())
    return reader.page
