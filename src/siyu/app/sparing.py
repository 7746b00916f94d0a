"""What people are to be spared: files of person and product, published as dataset ``exclusions``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from siyu.app.shop import Shop
from siyu.domain import columns as c
from siyu.domain.errors import InputError
from siyu.files import SourceFile, TextForm, find, format_of, read_csv, read_json

DATASET: Final = "exclusions"
COLUMNS: Final = ("user_id", "item")
"""Columns of a file; a row without ``user_id`` spares everyone the product."""

_SCHEMA: Final = pa.schema([(c.PERSON, pa.string()), (c.ITEM, pa.string())])


@dataclass(frozen=True, slots=True)
class SparedReport:
    """Rows in force: of one person each, and of everyone; and lines that name no product."""

    people: int = 0
    everyone: int = 0
    unread: int = 0


def publish_exclusions(shop: Shop) -> SparedReport | None:
    """Read the files that ``recommendations.filters.files`` names, whole each time: a row taken out is out.

    Returns:
        ``None`` where none is named: a dataset that is there stays as it is.

    Raises:
        InputError: a file is absent, cannot be read, or has no column ``item``.
    """
    named = shop.settings.recommendations.filters.files
    if not named:
        return None
    rows = pa.concat_tables([_read(file) for file in find(shop.paths.expand(named))])
    texts = [pc.utf8_trim_whitespace(rows[name].combine_chunks().fill_null("")) for name in COLUMNS]
    whole = pc.not_equal(texts[1], "")
    user, item = (text.filter(whole) for text in texts)
    everyone = pc.equal(user, "")
    pseudonyms = pc.if_else(everyone, "", shop.pseudonymise(user))
    table = pa.table([pseudonyms, item], schema=_SCHEMA).group_by(_SCHEMA.names).aggregate([])
    table = table.select(_SCHEMA.names).sort_by([(name, "ascending") for name in _SCHEMA.names])
    shop.engine.write(table.to_reader(), DATASET)
    all_of_them = int(pc.sum(pc.equal(table[c.PERSON], "")).as_py() or 0)
    return SparedReport(table.num_rows - all_of_them, all_of_them, rows.num_rows - len(item))


def _read(file: SourceFile) -> pa.Table:
    if format_of(file.path) == "csv":
        table = read_csv([file], TextForm()).read_all()
    elif format_of(file.path) == "jsonl":
        table = read_json([file], TextForm(), COLUMNS, flat=True).read_all()
    else:
        raise InputError(
            f"{file.name} cannot be read as a list of what people are to be spared.",
            why="It is neither CSV nor JSON lines.",
            next_step="Save it as CSV with the columns user_id and item.",
            file=file.name,
        )
    if "item" not in table.column_names:
        raise InputError(
            f"{file.name} has no column item.",
            why=f"Its columns: {', '.join(name for name in table.column_names if not name.startswith('_'))}.",
            next_step="Name the columns user_id and item; user_id may be left empty.",
            file=file.name,
        )
    nobody = pa.nulls(table.num_rows, pa.string())
    return pa.table({name: table[name] if name in table.column_names else nobody for name in COLUMNS})
