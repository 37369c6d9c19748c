"""What was searched for, by a list of words about products: no other word is kept, so none can name anybody."""

import re
from functools import cache
from importlib.resources import files

OTHER = "other words"
_WORD = re.compile(r"[^\W\d_]+")
_MOST = 5


@cache
def _known() -> frozenset[str]:
    return frozenset(files("suite.statistics").joinpath("search_words.txt").read_text(encoding="utf-8").split())


def topics(searched: str) -> list[str]:
    """Give the known words of a search, singular also for a plural in s; `other words` where there is none."""
    words = [word for word in _WORD.findall(searched.lower()) if len(word) <= 30]
    found = dict.fromkeys(one for word in words for one in (word, word.removesuffix("s")) if one in _known())
    return list(found)[:_MOST] or [OTHER]
