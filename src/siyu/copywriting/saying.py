"""How a category, an attribute or a search word is said in a language: through the glossary, or not at all."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache, lru_cache
from typing import Any

from siyu import packs
from siyu.copywriting import titles, tongues
from siyu.copywriting.titles import HAN, width

_HUB = "zh"  # whose glossary joins words of one meaning
_UNVOICED = 3  # letters; longer words without a vowel are abbreviations (FRZN)
LIKEABLE = frozenset({"style", "pattern", "colour", "material", "fit", "shape", "taste"})
"""Groups of attributes that somebody can be fond of; nobody is fond of 20 oz, of spring or of a zip."""


def _glossary(language: str) -> dict[str, Any]:
    return packs.read("languages", language, "glossary")


@cache
def _terms(language: str = "zh") -> dict[str, str]:
    """Words of a language by their English ones, in lower case."""
    return dict(_glossary(language).get("terms", {}))


@cache
def _back(language: str = "zh") -> dict[str, str]:
    back: dict[str, str] = {}
    for english, own in _terms(language).items():
        back.setdefault(own, english)
    return back


@cache
def _others() -> tuple[str, ...]:
    """Languages with a glossary of terms, but for Chinese, by whose words all others are joined."""
    return tuple(code for code in tongues.known() if code != _HUB and _terms(code))


@lru_cache(maxsize=50_000)
def _english_for(text: str) -> str | None:
    """The English word for what a text of any language says; None where no glossary has it."""
    low = text.casefold()
    if low in _terms() or any(low in _terms(code) for code in _others()):
        return low
    found = (_back(code).get(text) for code in (_HUB, *_others()))
    return next((english for english in found if english), None)


def _in(language: str, english: str) -> str | None:
    """What a glossary has for an English word, or for another one of the same meaning."""
    terms = _terms(language)
    if english in terms:
        return terms[english]
    return next((terms[same] for same in sorted(_english_of(_terms().get(english, ""))) if same in terms), None)


@cache
def _group_of(name: str) -> str:
    groups: dict[str, list[str]] = _glossary("zh")["groups"]
    return next((group for group, names in groups.items() if name in names), "detail")


def attribute_group(name: str) -> str:
    """Which group of phrases speaks of an attribute: ``colour``, ``material`` ...; ``detail`` for the rest.

    Example:
        >>> attribute_group("颜色"), attribute_group("Fabric"), attribute_group("zip")
        ('colour', 'material', 'detail')
    """
    return _group_of(name.casefold().strip())


@lru_cache(maxsize=50_000)
def concept(word: str) -> str:
    """One name for what a word means, whatever its language and form: the English adjective, if there is one.

    Example:
        >>> concept("Trend"), concept("潮流"), concept("trendy"), concept("wicker")
        ('trendy', 'trendy', 'trendy', 'wicker')
    """
    low = word.casefold().strip()
    chinese = _terms().get(low) or _terms().get(_english_for(word.strip()) or "", word.strip())
    english = _glossary("en")["attributes"].get(chinese) or _back().get(chinese)
    return str(english).casefold() if english else low


@lru_cache(maxsize=50_000)
def forms(word: str) -> frozenset[str]:
    """Every known way to say what a word means, in lower case, the word itself among them.

    Example:
        >>> sorted(forms("潮流"))
        ['trend', 'trends', 'trendy', '潮流']
    """
    low = word.casefold().strip()
    chinese = _terms().get(low, low)
    return frozenset({low, chinese.casefold(), *_english_of(chinese)})


@cache
def _english() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for english, chinese in _terms().items():
        found.setdefault(chinese, set()).add(english)
    return {chinese: frozenset(words) for chinese, words in found.items()}


def _english_of(chinese: str) -> frozenset[str]:
    return _english().get(chinese, frozenset())


def said(text: str, language: str) -> str | None:
    """``text`` in ``language`` through the glossary; None where the script is another and no word is known."""
    tongue, english = tongues.tongue(language), _english_for(text)
    own = tongue.writes(text)
    if not _terms(language):  # English, in whose words the glossaries are ordered
        return text if own else english and _capitalised(english)
    known = _in(language, english) if english else None
    if known or tongue.letters:
        return known or (text if own else None)
    return text if own and english is None else None  # an English word would stand out in German


@cache
def _proper() -> frozenset[str]:
    return frozenset(_glossary("en")["proper"]["words"])


def _capitalised(words: str) -> str:
    return " ".join(word[:1].upper() + word[1:] if word in _proper() else word for word in words.split(" "))


@cache
def _mass() -> frozenset[str]:
    return frozenset(_glossary("en")["mass"]["words"])


def _takes_plural(language: str) -> bool:
    return tongues.tongue(language).plural == "english"


def _is_kind(noun: str) -> bool:
    """Whether an English noun is a plural, or has none."""
    head = noun.rsplit(" ", 1)[-1]
    return head in _mass() or noun in _mass() or head.endswith(("s", "ware", "wear", "ing"))


def plural(noun: str) -> str:
    """An English noun as a kind of thing: several of them, or what has no plural.

    Example:
        >>> plural("coat"), plural("running shoes"), plural("knitwear"), plural("christmas")
        ('coats', 'running shoes', 'knitwear', 'Christmas finds')
    """
    if noun in _glossary("en")["proper"]["finds"]:
        return f"{_capitalised(noun)} finds"
    head = noun.rsplit(" ", 1)[-1]
    if _is_kind(noun):
        return _capitalised(noun)
    if head.endswith("y") and head[-2:-1] not in "aeiou":
        return _capitalised(noun[:-1] + "ies")
    if head in ("scarf", "knife", "shelf", "leaf"):
        return noun.removesuffix("fe").removesuffix("f") + "ves"
    return _capitalised(noun + ("es" if head.endswith(("ch", "sh", "x", "z")) else "s"))


@lru_cache(maxsize=50_000)
def category(path: str, language: str) -> str:
    """Last level of a category path as a noun of running text; empty where it cannot be said well.

    Example:
        >>> category("Clothing > T-shirt", "zh"), category("CLOTHING > COATS", "en"), category("FRZN ICE", "en")
        ('T恤', 'coats', '')
        >>> category("GROCERY > FLUID MILK PRODUCTS", "en")
        'fluid milk'
    """
    stated = titles.clean(path.rsplit(" > ", 1)[-1])
    leaf = titles.type_head(stated)
    for ending in _glossary("en")["vague"]["endings"]:
        leaf = leaf[: -len(ending)] if leaf.casefold().endswith(ending) else leaf
    words = [word for word in leaf.replace("-", " ").replace("/", " ").split() if word.isalpha()]
    if leaf.isascii() and any(len(word) >= _UNVOICED and not set(word.casefold()) & set("aeiouy") for word in words):
        return ""
    shown = said(leaf, language)
    if not shown or width(shown) > 12 or _is_unspeakable(shown):
        return ""
    if not _takes_plural(language):
        return shown
    if stated.startswith(f"{leaf}/") and not _is_kind(shown.lower()):
        return ""  # HAND/BODY/FACIAL PRODUCTS: a part of a name
    return plural(shown.lower()).replace("t-shirt", "T-shirt")


def _names_people(noun: str) -> bool:
    """Whether a thing said is people (hispanics, 宝宝): the last word of an English one decides."""
    low = noun.casefold()
    last = low.rsplit(" ", 1)[-1]
    return low in _glossary("zh")["people"]["words"] or last in _glossary("en")["people"]["words"]


def _is_state(noun: str) -> bool:
    """Whether the last word of an English noun says what a thing is like (refrigerated), not what it is."""
    return noun.casefold().rsplit(" ", 1)[-1] in _glossary("en")["states"]["words"]


def _is_unspeakable(noun: str) -> bool:
    if _names_people(noun) or _is_state(noun):
        return True
    marks = any(c.isdigit() or c in "/:&+.-" for c in noun) and noun.casefold() not in ("t-shirt", "t-shirts")
    return marks or noun.casefold() in _glossary("en")["vague"]["words"]


def is_plain(value: str) -> bool:
    """Whether an attribute's value sets nothing apart (纯色, regular).

    Example:
        >>> is_plain("纯色"), is_plain("Regular-fit"), is_plain("floral")
        (True, True, False)
    """
    low = value.casefold().strip()
    return low in _glossary("zh")["plain"]["values"] or low in _glossary("en")["plain"]["values"]


@lru_cache(maxsize=50_000)
def attribute(name: str, value: str, language: str) -> str:
    """An attribute's value; empty where it cannot be said.

    Example:
        >>> attribute("style", "trend", "en"), attribute("颜色", "白色", "en"), attribute("fit", "slim-fit", "en")
        ('trendy', 'white', 'slim')
    """
    bare = titles.clean(value)
    english = _glossary(language).get("attributes", {}).get(_terms().get(bare.casefold(), bare))
    shown = english or said(bare, language) or _numeric(bare)
    if not shown or width(shown) > 16:
        return ""
    if not _takes_plural(language):
        return shown
    shown = shown.lower() if shown.isupper() and len(shown) > _UNVOICED else shown
    group = attribute_group(name)
    return shown.removesuffix(f"-{group}").removesuffix(f" {group}") if group in ("fit", "shape", "style") else shown


def _numeric(shown: str) -> str:
    return shown if shown and sum(c.isdigit() for c in shown) * 2 >= len(shown.replace(" ", "")) else ""


@lru_cache(maxsize=50_000)
def liking(name: str, value: str, language: str) -> str:
    """An attribute as a thing that somebody can like; empty where it is none.

    Example:
        >>> liking("style", "trend", "zh"), liking("style", "简约", "en"), liking("fit", "宽松", "en")
        ('潮流风格', 'minimalist style', 'a relaxed fit')
        >>> liking("颜色", "米白", "zh"), liking("图案", "纯色", "zh"), liking("size", "20 oz", "en")
        ('米白', '', '')
    """
    group, shown = attribute_group(name), attribute(name, value, language)
    if not shown or group not in LIKEABLE or is_plain(value) or is_plain(shown) or any(c.isdigit() for c in shown):
        return ""
    if not _takes_plural(language):
        rule = _glossary(language).get("suffix", {}).get(group)
        return shown if rule is None or shown.endswith(tuple(rule["whole"])) else shown + rule["add"]
    return _as_noun(group, shown)


def _as_noun(group: str, shown: str) -> str:
    if group == "style":
        return f"{shown} style"
    if group == "pattern":
        return f"{_article(shown)} {shown} {'' if shown.endswith('print') else 'pattern'}".strip()
    return f"{_article(shown)} {shown} {group}" if group in ("fit", "shape") else shown


def _article(noun: str) -> str:
    return "an" if noun[:1] in "aeiou" else "a"


@lru_cache(maxsize=50_000)
def keyword(word: str, language: str) -> str:
    """A word that titles end in, as a thing somebody can like; empty where it is none, or cannot be said.

    Example:
        >>> keyword("bag", "en"), keyword("christmas", "en"), keyword("cases", "en"), keyword("42", "en")
        ('bags', 'Christmas finds', '', '')
        >>> keyword("休闲裤", "zh"), keyword("套装", "zh"), keyword("wicker", "zh")
        ('休闲裤', '', '')
    """
    shown = said(titles.clean(word), language) or ""
    longest, least = 10, 3 if tongues.tongue(language).spaced else 2
    unfit = (
        shown.casefold() in _glossary(language).get("unfit", {}).get("words", ())
        or word.casefold() in _glossary("en")["unfit"]["words"]
    )
    letters = shown.replace("-", "").replace(" ", "").isalpha()
    if (
        not shown
        or unfit
        or _names_people(shown)
        or _is_state(shown)
        or width(shown) > longest
        or len(shown) < least
        or not letters
    ):
        return ""
    return shown if not _takes_plural(language) else plural(shown.lower()).replace("t-shirt", "T-shirt")


def is_occasion(word: str) -> bool:
    """Whether a word names an occasion of which one likes finds (christmas)."""
    return word.casefold() in _glossary("en")["proper"]["finds"]


def is_usual(word: str, words: Collection[str]) -> bool:
    """Whether a shop uses a word as a kind of thing: an English one in the plural, too (bags, but no londons).

    Args:
        words: those of the shop's titles and categories.

    Example:
        >>> is_usual("bag", {"bag", "bags"}), is_usual("london", {"london"}), is_usual("knitwear", {"knitwear"})
        (True, False, True)
    """
    if HAN.search(word) or is_occasion(word):
        return True
    return word not in _proper() and (_is_kind(word) or plural(word).casefold() in words)


def counts(language: str) -> bool:
    """Whether a language counts things with measure words."""
    return "units" in _glossary(language)


@cache
def _units(language: str) -> tuple[tuple[str, str], ...]:
    known = {
        ending: unit
        for unit, endings in _glossary(language)["units"].items() if unit != "packs" for ending in endings
    }  # fmt: skip
    return tuple(sorted(known.items(), key=lambda pair: (-len(pair[0]), pair[0])))


@lru_cache(maxsize=200_000)
def unit(title: str, language: str = "zh") -> str:
    """The measure word of a product by its name: 这双, 这件; 款, which fits all, where the name does not tell.

    Example:
        >>> unit("复古厚底运动鞋"), unit("牛仔裤"), unit("羊毛五双装船袜"), unit("“Red Mug”")
        ('双', '条', '款', '款')
    """
    bare = titles.clean(title).rstrip("”\"')）」")
    if not HAN.search(bare[-1:]) or any(sign in bare[:-1] for sign in _glossary(language)["units"]["packs"]):
        return "款"
    return next((unit for ending, unit in _units(language) if bare.endswith(ending)), "款")
