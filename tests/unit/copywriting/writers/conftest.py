from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from siyu.copywriting.checks.port import Context
from siyu.copywriting.reviewing import Reviewer
from siyu.copywriting.writers.openai_compatible import ModelOptions, OpenAICompatibleWriter
from siyu.copywriting.writers.port import Asked, Desk
from siyu.domain.copy import Brief, Finding, Piece
from siyu.domain.facts import Fact
from siyu.domain.ids import ItemId
from siyu.engine.embedded import EmbeddedEngine

from .model_server import Server

SEEN = datetime(2026, 5, 1, tzinfo=UTC)


def fact(slot: str, value: str, number: float | None = None, unit: str = "") -> Fact:
    return Fact(ItemId("p1"), slot, value, number, unit, "", "products.csv", SEEN)


TERMS = (fact("brand", "Lumo"), fact("price", "159", 159.0, "CNY"))
SHIRT = {
    "zh": (fact("title", "亚麻衬衫"), *TERMS, fact("attr.材质", "亚麻")),
    "en": (fact("title", "Linen Shirt"), *TERMS, fact("attr.colour", "beige")),
}  # fmt: skip


def brief(language: str = "en", *, item: str = "p1", facts: Sequence[Fact] = (), **more: Any) -> Brief:
    """A brief about a shirt with an interest as its angle, or as ``more`` says."""
    angle = {"zh": ("attribute", "材质=亚麻"), "en": ("brand", "Lumo")}[language]
    plain: dict[str, Any] = {
        "angle_facet": angle[0], "angle_value": angle[1], "reason": "interest", "occasion": "general",
        "channel": "mailbox", "language": language, "tone": "warm", "industry": "e-commerce", "place": "cn",
    } | more  # fmt: skip
    told = tuple(facts) or SHIRT[language]
    name = "-".join((item, *map(str, plain.values()), *(f.value for f in told)))
    return Brief(brief_id=name, item=ItemId(item), facts=told, **plain)


BRANDS = frozenset({"Lumo", "Momo", "Nike"})
REVIEWERS = {
    language: Reviewer(
        Context(
            language, "mailbox", "cn", "e-commerce", {"subject": 30, "hook": 80}, BRANDS,
            frozenset({"帆布", "navy blue"}),
        )
    )
    for language in ("zh", "en")
}  # fmt: skip


def review(asked: Brief, pieces: Sequence[Piece]) -> list[Finding]:
    return REVIEWERS[asked.language].look_at_pieces(asked, pieces)


Run = Callable[..., tuple[OpenAICompatibleWriter, dict[str, tuple[Piece, ...]]]]


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


@pytest.fixture
def run(server: Server, engine: EmbeddedEngine) -> Run:
    """Write briefs with the server; pieces by brief."""

    def write(
        *briefs: Brief, readers: int = 100, sharing: int = 100, rules: str = "r1", **options: Any
    ) -> tuple[OpenAICompatibleWriter, dict[str, tuple[Piece, ...]]]:
        chosen = {"url": server.url, "model": "small", "wait": 0.001, "retries": 1, "threads": 1} | options
        writer = OpenAICompatibleWriter(ModelOptions(**chosen))
        desk = Desk(engine, review, lambda language: rules, 2)
        writer.prepare([Asked(one, readers, sharing) for one in briefs], desk)
        return writer, dict(zip((one.brief_id for one in briefs), writer.write(briefs), strict=True))

    return write
