"""What people type into the search box and write in reviews, in their language."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from siyu.simulator.catalogue import Catalogue
from siyu.simulator.streams import Doubles, Floats, Ints, pick
from siyu.simulator.tastes import People
from siyu.simulator.words import ASPECTS, GROUPS, LANGUAGES, Words

TYPO_SHARE = 0.06
NOISE_SHARE = 0.03
CONTACT_SHARE = 0.004
"""Share of reviews that carry an (invalid) address, which an importer must scrub."""


def _options(lists: list[list[str]]) -> tuple[pa.Array, Ints, Ints]:
    """All strings in one array, with the first place and the number of each list."""
    sizes = np.array([len(row) for row in lists])
    return pa.array([text for row in lists for text in row]), np.cumsum(sizes) - sizes, sizes


def _any_of(rng: np.random.Generator, lists: list[list[str]], which: Ints) -> pa.Array:
    """One string of list ``which[i]`` for each i."""
    text, first, sizes = _options(lists)
    return text.take(pa.array(first[which] + (rng.random(len(which)) * sizes[which]).astype(np.int64)))


def _liked_value(rng: np.random.Generator, people: People, book: Words, who: Ints, category: Ints) -> Ints:
    """A value (feature) of a random group, by taste, among those the category comes in."""
    rows = np.full((len(book.categories), book.nothing + 1), -np.inf, np.float32)
    for index, row in enumerate(book.categories):
        for group in GROUPS:
            keys = book.keys(group)
            allowed = keys if group == "colour" else row[f"{group}s"]
            rows[index, [book.spans[group][0] + keys.index(key) for key in allowed]] = 0
    return pick(rng, rows[category] + np.float32(1.2) * people.taste[who])


def _typo(text: pa.Array) -> pa.Array:
    """The second and third characters swapped."""
    parts = [pc.utf8_slice_codeunits(text, start, stop) for start, stop in ((0, 1), (2, 3), (1, 2), (3, 99))]
    return pc.binary_join_element_wise(*parts, "")


def searches(rng: np.random.Generator, people: People, book: Words, who: Ints, category: Ints) -> pa.Array:
    """Search words for each (person, category in mind): usually a liked value and a noun, some typos and noise."""
    language = people.language[who]
    count = len(book.categories)
    nouns = [row["nouns"][index] for index in range(2) for row in book.categories]
    noun = _any_of(rng, nouns, language * count + category)
    value = _liked_value(rng, people, book, who, category)
    names = pa.array([name[index] for index in range(2) for name in (*book.names, ("", ""))])
    liked = names.take(pa.array(language * (book.nothing + 1) + value))
    both = pc.if_else(
        pa.array(language == 0),
        pc.binary_join_element_wise(liked, noun, ""),
        pc.binary_join_element_wise(liked, noun, " "),
    )
    first, last = book.spans["brand"]
    brand = names.take(pa.array(first + pick(rng, np.float32(2) * people.taste[who, first:last])))
    draw = rng.random(len(who))
    text = pc.if_else(pa.array(draw < 0.2), noun, pc.if_else(pa.array(draw > 0.9), brand, both))
    text = pc.if_else(pa.array(rng.random(len(who)) < TYPO_SHARE), _typo(text), text)
    noise = _any_of(rng, [book.talk["noise"][name] for name in LANGUAGES], language)
    return pc.if_else(pa.array(rng.random(len(who)) < NOISE_SHARE), noise, text)


@dataclass(frozen=True, slots=True)
class Reviews:
    """Texts with their ratings (1 to 5)."""

    text: pa.Array
    rating: Doubles


def _feelings(rng: np.random.Generator, catalogue: Catalogue, item: Ints, fit: Floats) -> Floats:
    """Purchases x aspects: how content the person is with each aspect; positive is content."""
    felt = 0.9 * catalogue.quality[item] + rng.normal(0.7, 0.7, (len(item), len(ASPECTS)))
    felt[:, [ASPECTS.index("fit"), ASPECTS.index("value")]] += 0.5 * fit[:, None] - 0.5
    return np.asarray(felt, np.float32)


def reviews(rng: np.random.Generator, people: People, catalogue: Catalogue, *, who: Ints, item: Ints, fit: Floats
            ) -> Reviews:  # fmt: skip
    """A review for each purchase: one to three aspects, said well or badly by how content the person is."""
    talk, language = catalogue.words.talk, people.language[who]
    felt = _feelings(rng, catalogue, item, fit)
    lists = [talk["review"][aspect][sign][name] for name in LANGUAGES for aspect in ASPECTS for sign in ("bad", "good")]
    first = rng.integers(0, len(ASPECTS), len(who))
    number = rng.integers(1, 4, len(who))
    parts, heard = [], np.zeros(len(who))
    for place in range(3):
        aspect = (first + place * 2) % len(ASPECTS)
        mood = felt[np.arange(len(who)), aspect]
        which = (language * len(ASPECTS) + aspect) * 2 + (mood > 0)
        said = number > place
        parts.append(pc.if_else(pa.array(said), _any_of(rng, lists, which), None))
        heard += np.where(said, mood, 0)
    zh = pc.binary_join_element_wise(*parts, "，", null_handling="skip")
    en = pc.utf8_capitalize(pc.binary_join_element_wise(*parts, ", ", null_handling="skip"))
    contact = rng.random(len(who)) < CONTACT_SHARE
    ends = pc.if_else(pa.array(language == 0), "。", ". ")
    extra = _any_of(rng, [talk["contact"][name] for name in LANGUAGES], language)
    extra = pc.if_else(pa.array(contact), extra, "")
    text = pc.utf8_trim_whitespace(
        pc.binary_join_element_wise(pc.if_else(pa.array(language == 0), zh, en), ends, extra, "")
    )
    rating = np.clip(np.round(3.3 + 1.5 * heard / number + rng.normal(0, 0.5, len(who))), 1, 5)
    return Reviews(text, rating)
