"""A text about one product for everybody: a post, or copy for a page. From a brief alone, without a reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from siyu.copywriting.assembling import Focus, Kit, Plan, Situation
from siyu.copywriting.display import Presenter
from siyu.copywriting.layouts import layout
from siyu.copywriting.lines import StoredPiece
from siyu.copywriting.settings import CopySettings
from siyu.copywriting.values import angles, shown
from siyu.copywriting.writers.offline import OfflineWriter
from siyu.copywriting.writers.port import Writer
from siyu.domain.copy import Brief
from siyu.domain.ids import PersonId


class _Even:
    name = "even"

    def propensities(self, person: PersonId, variants: Sequence[str]) -> Sequence[float]:
        return [1 / len(variants)] * len(variants)

    def choose(self, person: PersonId, variants: Sequence[str], draw: float) -> int:
        return min(int(draw * len(variants)), len(variants) - 1)


@dataclass(frozen=True, slots=True)
class Post:
    """A text, and what stands in it.

    Attributes:
        parts: part and text, in reading order.
        values: what was put into each part's slots.
        words: each part without its values.
    """

    parts: tuple[tuple[str, str], ...]
    values: tuple[tuple[str, ...], ...] = ()
    words: tuple[str, ...] = field(default=())

    @property
    def text(self) -> str:
        """All of it; Chinese needs no space between sentences."""
        lines = [text for _, text in self.parts]
        return ("" if any(ord(c) > 0x2E7F for line in lines for c in line) else " ").join(lines)


def compose(
    brief: Brief, *, settings: CopySettings | None = None, writer: Writer | None = None, likes: Sequence[str] = (),
    strength: int = 0,
) -> Post:  # fmt: skip
    """The text of a brief on its channel; empty where no line fits.

    Args:
        likes: slots of the facts to be told first.
        strength: how much of an interest the angle is, where it is somebody's.
    """
    settings = settings or CopySettings()
    laid = layout(brief.channel)
    limits = settings.limits.get(brief.channel, {})
    plan = Plan(laid.parts, limits, settings.points if laid.facts is None else laid.facts, _Even())
    presenter = Presenter(brief.language, settings.timezone, settings.title_kind)
    values = shown(brief.facts, presenter)
    focus = Focus()
    if brief.angle_facet:
        values |= angles(presenter.angle(brief.angle_facet, brief.angle_value), strength)
        slot = f"attr.{brief.angle_value.partition('=')[0]}" if brief.angle_facet == "attribute" else brief.angle_facet
        focus = Focus(slot, strength)
    written = (writer or OfflineWriter()).write([brief])[0]
    pieces = [StoredPiece.of(one.piece_id, one.part, one.text) for one in written]
    assembly = Kit(pieces, values, plan, focus).assemble(Situation(str(brief.item), str(settings.seed), likes))
    chosen = assembly.pieces if assembly else ()
    return Post(
        tuple((piece.part, piece.template.fill(values)) for piece in chosen),
        tuple(tuple(values[slot] for slot in piece.template.slots) for piece in chosen),
        tuple("".join(piece.template.texts) for piece in chosen),
    )
