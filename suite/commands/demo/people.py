"""Invented people. Their addresses end in example.org, .com and .net, which belong to nobody (RFC 2606)."""

import random
from dataclasses import dataclass

PASSWORD = "a quiet river at noon"
_DOMAINS = ("example.org", "example.com", "example.net")


@dataclass(frozen=True)
class _Country:
    """Names of one language, each as written and in the ASCII of an address."""

    language: str
    first: tuple[tuple[str, str], ...]
    last: tuple[tuple[str, str], ...]
    places: tuple[tuple[str, str, str], ...]
    streets: tuple[str, ...]
    company: str


def _same(*names: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, name.lower()) for name in names)


_COUNTRIES = (
    _Country(
        "en",
        _same("Alice", "Brian", "Clara", "Daniel", "Edith", "Frank", "Grace", "Henry", "Iris", "Jack", "Lucy", "Owen"),
        _same(
            "Archer", "Baker", "Carter", "Dawson", "Ellis", "Foster", "Gibson", "Hughes", "Marsh", "Norton", "Palmer"
        ),
        (("GB", "Leeds", "LS1 4AP"), ("IE", "Cork", "T12 W8KP"), ("US", "Dayton", "45402")),
        ("Mill Lane", "Station Road", "Church Street", "Orchard Close"),
        "{last} Ltd",
    ),
    _Country(
        "de",
        (
            *_same("Anna", "Bernd", "Clemens", "Doris", "Erik", "Frieda", "Hanna", "Karl", "Lena", "Moritz"),
            ("Jürgen", "juergen"),
            ("Käthe", "kaethe"),
        ),
        (
            *_same("Albrecht", "Berger", "Fischer", "Hartmann", "Keller", "Lorenz", "Vogel", "Winter"),
            ("Müller", "mueller"),
            ("Schäfer", "schaefer"),
            ("Groß", "gross"),
        ),
        (("DE", "Kassel", "34117"), ("AT", "Graz", "8010"), ("CH", "Luzern", "6003")),
        ("Lindenweg", "Bahnhofstraße", "Am Mühlbach", "Gartenstraße"),
        "{last} GmbH",
    ),
    _Country(
        "ru",
        (
            ("Анна", "anna"),
            ("Борис", "boris"),
            ("Вера", "vera"),
            ("Григорий", "grigory"),
            ("Дарья", "daria"),
            ("Егор", "egor"),
            ("Зоя", "zoya"),
            ("Илья", "ilya"),
            ("Ольга", "olga"),
            ("Пётр", "petr"),
        ),
        (
            ("Белых", "belykh"),
            ("Вольных", "volnykh"),
            ("Гончар", "gonchar"),
            ("Зимних", "zimnikh"),
            ("Мороз", "moroz"),
            ("Садко", "sadko"),
            ("Тихих", "tikhikh"),
            ("Черных", "chernykh"),
        ),
        (("RU", "Тверь", "170100"), ("KZ", "Алматы", "050000"), ("RU", "Пермь", "614000")),
        ("ул. Садовая", "ул. Речная", "пр. Мира", "ул. Лесная"),
        "ООО «{last}»",
    ),
)


@dataclass(frozen=True)
class Invented:
    """A person who does not exist."""

    address: str
    language: str
    answers: dict[str, str]


def invent(chance: random.Random, number: int) -> Invented:
    """Invent one person; the number makes the address the only one of its kind."""
    country = chance.choices(_COUNTRIES, weights=(5, 4, 3))[0]
    (first, first_ascii), (last, last_ascii) = chance.choice(country.first), chance.choice(country.last)
    code, city, postal_code = chance.choice(country.places)
    return Invented(
        address=f"{first_ascii}.{last_ascii}{number}@{chance.choice(_DOMAINS)}",
        language=country.language,
        answers={
            "user_name": f"{first_ascii}{number}",
            "first_name": first,
            "last_name": last,
            "full_name": f"{first} {last}",
            "company_name": country.company.format(last=last),
            "country": code,
            "street": f"{chance.choice(country.streets)} {chance.randint(1, 80)}",
            "city": city,
            "postal_code": postal_code,
        },
    )
