"""Exchange rates from files and settings: dated, and each line that is none named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import pyarrow as pa
from babel.core import get_global
from pydantic import BaseModel, ConfigDict, Field

from siyu.catalogue.report import Problem
from siyu.domain.errors import InputError
from siyu.engine.money import Quote
from siyu.files import SourceFile, TextForm, find, read_csv
from siyu.files.batches import LINE, MALFORMED, RAW

_FIELDS = ("date", "from", "to", "rate")
_FORMS = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%d.%m.%Y", "%d %B %Y")
_LARGEST = 1e9


class QuoteSettings(BaseModel):
    """One rate, in force from its date until the next one of the pair."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    on: date = Field(alias="date", description="UTC day from which it is in force.")
    source: str = Field(alias="from", pattern=r"^[A-Z]{3}$", description="ISO 4217 code of what is exchanged.")
    target: str = Field(alias="to", pattern=r"^[A-Z]{3}$", description="ISO 4217 code of what is given for it.")
    rate: float = Field(gt=0, lt=_LARGEST, description="How much of it is given for one.")


class RateSettings(BaseModel):
    """Exchange rates, for shops that sell in more than one currency."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    files: tuple[str, ...] = Field((), description="CSV files or globs with the columns date, from, to, rate.")
    columns: dict[str, str] = Field(
        default_factory=dict, description="Field (date, from, to, rate) to the file's column, where it is another."
    )
    against: str = Field(
        "",
        pattern=r"^([A-Z]{3})?$",
        description="The files have a column for each currency, quoted against this one (EUR for the ECB's).",
    )
    quotes: tuple[QuoteSettings, ...] = Field((), description="Rates written here.")


@dataclass(frozen=True, slots=True)
class RatesRead:
    """What rates there are.

    Attributes:
        rows: lines read; ``rows == used + sum(refused.values())``. A line of many currencies counts once.
        quotes: rates, those of the settings last, so that they win.
    """

    rows: int = 0
    used: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    quotes: tuple[Quote, ...] = ()


def read_rates(settings: RateSettings, now: datetime) -> RatesRead:
    """The rates of ``settings`` that are in force by ``now``; later ones are not known yet.

    Raises:
        InputError: a file is missing, or lacks a column.
    """
    found: list[Quote] = []
    problems: list[Problem] = []
    rows = 0
    for file in find(settings.files) if settings.files else ():
        for line, row in _lines(file, settings):
            rows += 1
            quotes = _quotes(row, settings) if row is not None else "malformed"
            if isinstance(quotes, str):
                where = {"bad-date": "date", "bad-currency": "from", "malformed": "row"}.get(quotes, "rate")
                problems.append(Problem(file.name, line, "", where, quotes, str(dict(row or {}))[:200]))
            else:
                found += quotes
    found += [Quote(one.on, one.source, one.target, one.rate) for one in settings.quotes]
    refused: dict[str, int] = {}
    for problem in problems:
        refused[problem.reason] = refused.get(problem.reason, 0) + 1
    known = tuple(quote for quote in found if quote.day <= now.date())
    return RatesRead(rows, rows - len(problems), refused, tuple(problems[:20]), known)


def _lines(file: SourceFile, settings: RateSettings) -> Iterator[tuple[int, Mapping[str, str] | None]]:
    reader = read_csv([file], TextForm())
    names = {name.strip().lower(): name for name in reader.schema.names}
    wanted = ("date",) if settings.against else _FIELDS
    chosen = {one: names.get(settings.columns.get(one, one).lower(), "") for one in wanted}
    missing = [one for one, name in chosen.items() if not name]
    if missing:
        raise InputError(
            f"{file.name} has no column for {missing[0]}.",
            why=f"Its columns are: {', '.join(names)[:300]}.",
            next_step=f'Name it: [rates] columns = {{ {missing[0]} = "..." }}, or set against for a column a currency.',
            file=file.name,
            field=missing[0],
        )
    if settings.against:
        chosen |= {name.upper(): theirs for name, theirs in names.items() if name.upper() in _codes()}
    for batch in reader:
        yield from _rows(batch, chosen)


def _rows(batch: pa.RecordBatch, chosen: Mapping[str, str]) -> Iterator[tuple[int, Mapping[str, str] | None]]:
    lines = batch.column(LINE).to_pylist()
    if batch.num_rows and batch.column(MALFORMED)[0].as_py():
        yield from ((line, None) for line, _ in zip(lines, batch.column(RAW), strict=True))
        return
    columns = [batch.column(name).to_pylist() for name in chosen.values()]
    for line, *cells in zip(lines, *columns, strict=True):
        yield line, {key: (cell or "").strip() for key, cell in zip(chosen, cells, strict=True)}


def _quotes(row: Mapping[str, str], settings: RateSettings) -> list[Quote] | str:
    """The rates of a line, or why it holds none."""
    day = _day(row["date"])
    if day is None:
        return "bad-date"
    if settings.against:
        pairs = [(settings.against, code, row[code]) for code in row if code not in ("date", settings.against)]
        pairs = [pair for pair in pairs if pair[2].upper() not in ("", "N/A", "-")]
    else:
        pairs = [(row["from"].upper(), row["to"].upper(), row["rate"])]
    found = [(source, target, _rate(rate)) for source, target, rate in pairs]
    if any(code not in _codes() for source, target, _ in found for code in (source, target)):
        return "bad-currency"
    good = [(source, target, rate) for source, target, rate in found if rate is not None and source != target]
    return [Quote(day, *one) for one in good] if good and len(good) == len(found) else "bad-rate"


def _day(text: str) -> date | None:
    for form in _FORMS:
        try:
            return datetime.strptime(text[:20], form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None


def _rate(text: str) -> float | None:
    try:
        rate = float(text)
    except ValueError:
        return None
    return rate if 0 < rate < _LARGEST else None


def _codes() -> Sequence[str] | Mapping[str, Any]:
    codes: Mapping[str, Any] = get_global("all_currencies")
    return codes
