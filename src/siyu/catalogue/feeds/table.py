"""The table of product feeds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import pyarrow as pa

from siyu.domain.registry import Registry
from siyu.files import SourceFile

if TYPE_CHECKING:
    from siyu.catalogue.settings import CatalogueSettings


class Feed(Protocol):
    """Rows of product files as batches of text columns and the bookkeeping of :mod:`siyu.files.batches`.

    Columns are either the file's own, which the source's mapping names, or those of ``settings.FIELDS`` already
    (and ``attr.<name>`` for an attribute). A row that cannot be read is given as malformed, with what it said.
    """

    def __call__(self, source: CatalogueSettings, files: Sequence[SourceFile]) -> pa.RecordBatchReader:
        """Read ``files`` in order, a batch at a time.

        Raises:
            InputError: a file is not what it claims to be, or larger than the limits allow.
            SettingsError: the source's options do not fit this feed.
        """
        ...


FEEDS: Registry[Feed] = Registry(
    "product feed format",
    "siyu.feeds",
    {
        "csv": "siyu.catalogue.feeds.plain:read_lines",
        "jsonl": "siyu.catalogue.feeds.plain:read_objects",
        "google": "siyu.catalogue.feeds.google_text:read_google",
        "google_xml": "siyu.catalogue.feeds.google_xml:read_google_xml",
        "shopify": "siyu.catalogue.feeds.shopify:read_shopify",
    },
)
