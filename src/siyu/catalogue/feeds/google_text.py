"""Google Merchant Center's text feed: a header of attributes, tab-separated (or comma-separated) products.

Format: https://support.google.com/merchants/answer/160567. Repeated attributes stand in one cell, parted by commas.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pyarrow as pa

from siyu.catalogue.feeds import google
from siyu.catalogue.settings import CatalogueSettings
from siyu.domain.errors import InputError
from siyu.files import SourceFile, read_csv
from siyu.files.batches import OWN, schema
from siyu.files.opening import first_lines, opened


def read_google(source: CatalogueSettings, files: Sequence[SourceFile]) -> pa.RecordBatchReader:
    """Products of text feeds, in the fields of a catalogue.

    Raises:
        InputError: a file has no ``id`` among its attributes; see also :func:`siyu.files.read_csv`.
    """
    shape = schema(google.FIELDS)
    return pa.RecordBatchReader.from_batches(shape, (rows for file in files for rows in _rows(source, file, shape)))


def _rows(source: CatalogueSettings, file: SourceFile, shape: pa.Schema) -> Iterator[pa.RecordBatch]:
    form = source.form
    with opened(file, form) as text:
        header = first_lines(text, form.header_line)[-1:]
    reader = read_csv([file], replace(form, delimiter="\t") if "\t" in "".join(header) else form)
    bookkeeping = {name for name, _ in OWN}
    names = [name if name in bookkeeping else google.spelled(name) for name in reader.schema.names]
    if "id" not in names:
        raise InputError(
            f"{file.name} is no Google Merchant feed.",
            why=f"Its header has no id; it names {', '.join(names[:20])}.",
            next_step='Export the feed with its header, or set format = "csv" and map its columns.',
            file=file.name,
            row=1,
            field="id",
        )
    for batch in reader:
        named = _once(batch, names)
        columns = {**google.fields(named), **google.own(named)}
        empty = pa.nulls(batch.num_rows, pa.string())
        yield pa.record_batch([columns.get(f.name, empty).cast(f.type) for f in shape], schema=shape)


def _once(batch: pa.RecordBatch, names: Sequence[str]) -> pa.RecordBatch:
    """Each name once: of columns that are spelled alike the first is taken (Image Link, image_link)."""
    places = {name: names.index(name) for name in names}
    return pa.record_batch([batch.column(place) for place in places.values()], names=list(places))
