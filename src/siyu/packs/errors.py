"""Error texts in the reader's language: ``packs/languages/<code>/errors.toml`` maps English sentences to theirs.

The code says what happened in English, where it happens; whoever shows it looks the sentence up here. Values in a
sentence stay what they are, unless they are sentences of the pack themselves.
"""

from __future__ import annotations

import re
from functools import cache

from siyu.packs.reading import names, read

_SLOT = re.compile(r"\{(\d)\}")


def in_words(text: str, language: str) -> str:
    """``text`` in ``language``; as it is where the pack has no sentence for it.

    Example:
        >>> in_words("There is no file 'a.csv'.", "zh"), in_words("There is no file 'a.csv'.", "en")
        ("没有文件 'a.csv'。", "There is no file 'a.csv'.")
    """
    if not text or "errors" not in names("languages", language):
        return text
    known = read("languages", language, "errors")
    if text in known:
        return str(known[text])
    found = next(((match, theirs) for one, theirs in _patterns(language) if (match := one.fullmatch(text))), None)
    if found is None:
        return text
    match, sentence = found
    values = {
        name: "; ".join(in_words(part, language) for part in value.split("; "))
        for name, value in match.groupdict().items()
    }
    return _SLOT.sub(lambda slot: values[f"slot{slot.group(1)}"], sentence)


@cache
def _patterns(language: str) -> list[tuple[re.Pattern[str], str]]:
    """Sentences with slots as patterns, those that say most first."""
    known = read("languages", language, "errors")
    slotted = [(english, str(theirs)) for english, theirs in known.items() if _SLOT.search(english)]
    slotted.sort(key=lambda pair: -len(_SLOT.sub("", pair[0])))
    return [(_pattern(english), theirs) for english, theirs in slotted]


def _pattern(english: str) -> re.Pattern[str]:
    parts = _SLOT.split(english)
    made = [f"(?P<slot{part}>.*?)" if place % 2 else re.escape(part) for place, part in enumerate(parts)]
    return re.compile("".join(made), re.DOTALL)
