"""Google Merchant Center's XML feed: RSS 2.0 items or Atom 1.0 entries with elements of Google's namespace.

Formats: https://support.google.com/merchants/answer/14987622 (RSS 2.0), 14990811 (Atom 1.0); the namespace is
``http://base.google.com/ns/1.0``, mostly under the prefix ``g``. Parsed by events (SAX), so that memory does not grow
with the file. Document types, entities and external references are refused (defusedxml).
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from xml.sax import SAXException, SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl

import pyarrow as pa
from defusedxml.common import DefusedXmlException
from defusedxml.expatreader import DefusedExpatParser

from siyu.catalogue.feeds import google
from siyu.catalogue.settings import CatalogueSettings
from siyu.domain.errors import InputError
from siyu.files import SourceFile, TextForm, opened
from siyu.files.batches import batch, schema
from siyu.files.forms import FIELD
from siyu.files.opening import raw, unpacked

_ITEMS = frozenset({"item", "entry"})
_CHUNK = 1 << 18
_LARGEST = 64_000_000  # characters of one product: held in memory until it ends
_ROWS = 20_000
_RAW = (*google.RENAMED, *google.SPECIAL)
_ATOM = {"summary": "description", "content": "description"}
_DECLARED = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")

Row = tuple[int, dict[str, str] | None]
"""(line on which the product begins, its attributes, or ``None`` where one is longer than a field may be)."""


def read_google_xml(source: CatalogueSettings, files: Sequence[SourceFile]) -> pa.RecordBatchReader:
    """Products of XML feeds, in the fields of a catalogue.

    Raises:
        InputError: a file is not well-formed, declares a document type or entities, or holds no products.
    """
    shape = schema(google.FIELDS)
    return pa.RecordBatchReader.from_batches(shape, (rows for file in files for rows in _batches(source, file, shape)))


class _Products(ContentHandler):
    """Gathers the attributes of each product as the parser goes by."""

    def __init__(self, parser: DefusedExpatParser) -> None:
        super().__init__()
        self.parser = parser
        self.found: list[Row] = []
        self.any = False
        self.size = 0
        self._row: dict[str, str] | None = None
        self._line = 0
        self._path: list[str] = []
        self._text: list[str] = []
        self._details: list[tuple[str, str]] = []
        self._detail: dict[str, str] = {}
        self._too_long = False

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802 - the interface's name
        local = name.rpartition(":")[2].lower()
        if self._row is None:
            if local in _ITEMS:
                self._row, self._line, self.any = {}, self.parser.getLineNumber(), True
                self._path, self._details, self._too_long, self.size = [], [], False, 0
            return
        self._path.append(local)
        self._text = []
        if local == "link" and "href" in attrs and attrs.get("rel", "alternate") == "alternate":
            self._row.setdefault("link", attrs["href"])

    def characters(self, content: str) -> None:
        if self._path:
            self._text.append(content)

    def endElement(self, name: str) -> None:  # noqa: N802 - the interface's name
        if self._row is None:
            return
        if not self._path:
            self._finish()
            return
        local = self._path.pop()
        text = "".join(self._text).strip()
        self._text = []
        self._too_long |= len(text) > FIELD
        if self._path[:1] == ["product_detail"]:
            self._detail[local] = text
        elif local == "product_detail" and not self._path:
            self._end_detail(text)
        elif not self._path and text:
            self._add(name, local, text)

    def _end_detail(self, text: str) -> None:
        called, said = self._detail.get("attribute_name", ""), self._detail.get("attribute_value", "")
        if called and said:
            self._details.append((called, said))
        elif text.count(":") >= 1:
            self._details.append((text.split(":")[-2], text.split(":")[-1]))
        self._detail = {}

    def _add(self, name: str, local: str, text: str) -> None:
        assert self._row is not None  # noqa: S101 - within a product
        ours = _ATOM.get(local, local)
        if ours not in _RAW:
            return
        if ours == "additional_image_link" and ours in self._row:
            self._row[ours] += "," + text
        elif ":" in name and not self._row.get(f"\0{ours}"):  # Google's element is the exact one
            self._row[ours], self._row[f"\0{ours}"] = text, "1"
        else:
            self._row.setdefault(ours, text)

    def _finish(self) -> None:
        assert self._row is not None  # noqa: S101 - within a product
        if self._details:
            self._row["product_detail"] = json.dumps(self._details, ensure_ascii=False)
        self.found.append((self._line, None if self._too_long else self._row))
        self._row = None


def _batches(source: CatalogueSettings, file: SourceFile, shape: pa.Schema) -> Iterator[pa.RecordBatch]:
    raw_shape = schema(_RAW)
    for rows in _products(source, file):
        good = [(line, row) for line, row in rows if row is not None]
        columns = {name: [row.get(name) for _, row in good] for name in _RAW}
        made = batch(raw_shape, columns, origin=str(file.path), lines=[line for line, _ in good])
        found = {**google.fields(made), **google.own(made)}
        empty = pa.nulls(made.num_rows, pa.string())
        yield pa.record_batch([found.get(f.name, empty).cast(f.type) for f in shape], schema=shape)
        broken = [line for line, row in rows if row is None]
        if broken:
            said = ["A field is longer than is read."] * len(broken)
            yield batch(shape, {}, origin=str(file.path), lines=broken, malformed=True, raw=said)


def _products(source: CatalogueSettings, file: SourceFile) -> Iterator[list[Row]]:
    parser = DefusedExpatParser(forbid_dtd=True, forbid_entities=True, forbid_external=True)
    handler = _Products(parser)
    parser.setContentHandler(handler)
    form = replace(source.form, encoding=_declared(file, source.form))
    with opened(file, form) as text:
        try:
            while chunk := text.read(_CHUNK):
                parser.feed(_as_utf8(chunk, declared=not handler.any))
                handler.size += len(chunk)
                if handler.size > _LARGEST:
                    raise _refused(file, handler, f"One product is longer than {_LARGEST:,} characters.")
                if len(handler.found) >= _ROWS:
                    yield handler.found
                    handler.found = []
            parser.close()
        except SAXParseException as error:
            raise _refused(file, handler, error.getMessage(), line=error.getLineNumber()) from error
        except (DefusedXmlException, SAXException, UnicodeEncodeError) as error:
            raise _refused(file, handler, _why(error)) from error
    if not handler.any:
        raise _refused(file, handler, "It holds no <item> or <entry>.")
    yield handler.found


def _as_utf8(chunk: str, *, declared: bool) -> bytes:
    """Text for the parser, which knows few encodings: what the declaration says is taken out before."""
    if declared:
        chunk = re.sub(r"^(\s*<\?xml[^>]{0,200}?)\s+encoding\s*=\s*[\"'][^\"'>]*[\"']", r"\1", chunk)
    return chunk.encode("utf-8")


def _declared(file: SourceFile, form: TextForm) -> str:
    with raw(file) as plain, unpacked(plain, file, form.limits) as binary:
        match = _DECLARED.match(binary.peek(512)[:512].removeprefix(b"\xef\xbb\xbf"))
    name = match.group(1).decode("ascii") if match else form.encoding
    try:
        codecs.lookup(name)
    except LookupError:
        return form.encoding
    return "gb18030" if name.lower() in ("gb2312", "gbk") else name


def _why(error: Exception) -> str:
    if isinstance(error, DefusedXmlException):
        return "It declares a document type or entities, which can make a small file fill the machine's memory."
    return "It holds bytes that are no text of its encoding." if isinstance(error, UnicodeError) else str(error)


def _refused(file: SourceFile, handler: _Products, why: str, line: int | None = None) -> InputError:
    where = line or handler.parser.getLineNumber()
    return InputError(
        f"{file.name} cannot be read as an XML product feed (line {where}).",
        why=why,
        next_step="Export the feed again, whole and without a document type; nothing of it was imported.",
        file=file.name,
        row=where,
    )
