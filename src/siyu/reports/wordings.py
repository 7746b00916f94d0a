"""Which lines each person read, taken apart: a variant is one line of each opening part (subject and hook)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from siyu.reports.source import Source
from siyu.reports.strata import Codes, Flags

WHOLE: Final = "variant"
"""The part of a variant that is not made of pieces."""

_KEYS = ("language", "reason", "angle_facet")
_NONE = -1


@dataclass(frozen=True, slots=True)
class Component:
    """One opening part.

    Attributes:
        part: ``subject``, ``hook``, or :data:`WHOLE`.
        pieces: ids of its lines.
        codes: one entry a person: which of ``pieces`` they got, -1 for none.
    """

    part: str
    pieces: Sequence[str]
    codes: Codes


@dataclass(frozen=True, slots=True)
class Wordings:
    """The people who were written to, one entry each, and the lines they read.

    Attributes:
        strata: people alike in language, reason and kind of angle, with as many openings to choose from.
        even: whether every opening was as likely as any other; if not, chance did not choose fairly between lines.
        briefs: brief of each person, as a code.
        options: briefs for which a line was written, by piece; empty where the pieces are not known.
        texts: text of each piece, with its slots.
        variants: how many combinations there are.
    """

    opened: Flags
    clicked: Flags
    components: Sequence[Component]
    strata: Codes
    even: bool
    briefs: Codes
    options: Mapping[str, Codes]
    texts: Mapping[str, str]
    variants: int

    def could_have(self, component: Component, code: int) -> Flags:
        """The people whose message could have had the piece, those who got it among them."""
        mask: Flags = component.codes != _NONE
        holders = self.options.get(component.pieces[code])
        if holders is not None:
            holds = np.zeros(int(self.briefs.max(initial=0)) + 1, dtype=np.bool_)
            holds[holders] = True
            mask &= holds[self.briefs]
        return np.asarray(mask | (component.codes == code), dtype=np.bool_)


def wordings(source: Source, outcomes: pa.Table) -> Wordings | None:
    """The lines behind the variants; ``None`` where no message belongs to them.

    Args:
        outcomes: people who were written to: person, variant, opened, clicked; one row a person.
    """
    source.engine.table("report_outcomes", outcomes)
    batches = list(source.batches("wordings", campaign=source.campaign.name))
    if not batches:
        return None
    rows = pa.Table.from_batches(batches)
    parts, example = _parts(source)
    names, inverse = _coded(rows["variant"])
    briefs, brief_codes = _coded(rows["brief_id"])
    components = _components(names, inverse, parts)
    wanted = {piece for component in components for piece in component.pieces}
    options, texts = _written(source, briefs, wanted)
    even, choices = _choices(rows["propensity"])
    return Wordings(
        opened=np.asarray(rows["opened"].to_numpy(), dtype=np.bool_),
        clicked=np.asarray(rows["clicked"].to_numpy(), dtype=np.bool_),
        components=components,
        strata=_strata(rows, choices),
        even=even,
        briefs=brief_codes,
        options=options,
        texts={**example, **texts},
        variants=len(names),
    )


def _coded(column: pa.ChunkedArray) -> tuple[list[str], Codes]:
    """Distinct texts, and the code of each row."""
    encoded = pc.fill_null(column, "").combine_chunks().dictionary_encode()
    return encoded.dictionary.to_pylist(), np.asarray(encoded.indices.to_numpy(), dtype=np.int64)


def _parts(source: Source) -> tuple[dict[str, str], dict[str, str]]:
    """Part of each piece, and a text it was seen with."""
    parts: dict[str, str] = {}
    texts: dict[str, str] = {}
    for batch in source.batches("wordings_parts", campaign=source.campaign.name):
        flat = batch.column("parts").flatten()
        table = pa.table({name: flat.field(name) for name in ("piece_id", "part", "text")})
        for row in table.group_by("piece_id").aggregate([("part", "min"), ("text", "min")]).to_pylist():
            parts.setdefault(row["piece_id"], row["part_min"])
            texts.setdefault(row["piece_id"], row["text_min"])
    return parts, texts


def _components(names: list[str], inverse: Codes, parts: Mapping[str, str]) -> list[Component]:
    """Variants taken apart; one whose pieces are not known stands as a whole."""
    by_part: dict[str, list[str]] = {}
    for place, name in enumerate(names):
        pieces = name.split("+")
        known = all(piece in parts for piece in pieces)
        for piece in pieces if known else [name]:
            by_part.setdefault(parts[piece] if known else WHOLE, [""] * len(names))[place] = piece
    ordered = sorted(by_part.items(), key=lambda pair: (pair[0] != "subject", pair[0]))
    return [_component(part, np.asarray(found, dtype=np.str_)[inverse]) for part, found in ordered]


def _component(part: str, pieces: npt.NDArray[np.str_]) -> Component:
    names, codes = np.unique(pieces, return_inverse=True)
    without = int(names.size > 0 and names[0] == "")
    return Component(part, [str(name) for name in names[without:]], codes.astype(np.int64) - without)


def _written(source: Source, briefs: list[str], wanted: set[str]) -> tuple[dict[str, Codes], dict[str, str]]:
    """For each wanted piece the codes of the briefs that it was written for, and its text."""
    if not source.has("pieces"):
        return {}, {}
    source.engine.table("report_briefs", pa.table({"brief_id": pa.array(briefs, pa.string())}))
    chosen = pa.array(sorted(wanted), pa.string())
    tables = [_of_pieces(batch, chosen) for batch in source.batches("wordings_pieces")]
    if not tables:
        return {}, {}
    table = pa.concat_tables(tables)
    texts = table.group_by("piece_id").aggregate([("text", "min")]).to_pylist()
    codes = np.asarray(pc.index_in(table["brief_id"], value_set=pa.array(briefs, pa.string())).to_numpy(), np.int64)
    pieces, piece_codes = _coded(table["piece_id"])
    order = np.argsort(piece_codes, kind="stable")
    ends = np.searchsorted(piece_codes[order], np.arange(1, len(pieces)))
    return dict(zip(pieces, np.split(codes[order], ends), strict=True)), {
        row["piece_id"]: row["text_min"] for row in texts
    }


def _of_pieces(batch: pa.RecordBatch, wanted: pa.Array) -> pa.Table:
    lists = batch.column("pieces")
    flat = lists.flatten()
    table = pa.table(
        {
            "brief_id": batch.column("brief_id").take(pc.list_parent_indices(lists)),
            "piece_id": flat.field("piece_id"),
            "text": flat.field("text"),
        }
    )
    return table.filter(pc.is_in(table["piece_id"], value_set=wanted))


def _choices(propensity: pa.ChunkedArray) -> tuple[bool, Codes]:
    """Whether every message was one of n equally likely ones, and n of each (0 where they were not)."""
    chance = np.asarray(pc.fill_null(propensity, 0.0).to_numpy(), dtype=np.float64)
    with np.errstate(divide="ignore"):
        inverse = np.where(chance > 0, 1 / chance, np.inf)
    even = bool(np.isfinite(inverse).all() and (np.abs(inverse - np.round(inverse)) < 1e-6 * inverse).all())
    return even, np.round(inverse).astype(np.int64) if even else np.zeros(chance.size, dtype=np.int64)


def _strata(rows: pa.Table, choices: Codes) -> Codes:
    keys = [pc.fill_null(rows[name], "") for name in _KEYS]
    joined = pc.binary_join_element_wise(*keys, pa.chunked_array([pa.array(choices.astype(np.str_))]), "\x1f")
    return _coded(joined)[1]
