"""Rates from files and settings; what is no rate is named; prices of currencies with a rate share bands."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from siyu.catalogue.rates import RateSettings, read_rates
from siyu.domain.errors import InputError
from siyu.engine import money
from siyu.engine.embedded import EmbeddedEngine
from siyu.engine.money import Quote

from .conftest import Look, Take, at

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def test_a_table_of_rates(tmp_path: Path) -> None:
    (tmp_path / "rates.csv").write_text(
        "date,from,to,rate,note\n"
        "2026-05-01,USD,CNY,7.1,a\n2026/05/02,usd,cny,7.2,b\n20260503,USD,CNY,-7,c\nsoon,USD,CNY,7,d\n"
        "2026-05-04,USD,XQZ,7,e\n2026-05-05,USD,CNY,NaN,f\n2026-05-06,USD\n2026-07-01,USD,CNY,9,later\n",
        "utf-8",
    )
    read = read_rates(RateSettings(files=(str(tmp_path / "rates.csv"),)), NOW)
    assert read.quotes == (Quote(date(2026, 5, 1), "USD", "CNY", 7.1), Quote(date(2026, 5, 2), "USD", "CNY", 7.2))
    assert (read.rows, read.used) == (8, 3)  # the one of July is read, and not known yet
    assert [(p.row, p.field, p.reason) for p in sorted(read.problems, key=lambda p: p.row or 0)] == [
        (4, "rate", "bad-rate"),
        (5, "date", "bad-date"),
        (6, "from", "bad-currency"),
        (7, "rate", "bad-rate"),
        (8, "row", "malformed"),
    ]


def test_the_central_banks_table(tmp_path: Path) -> None:
    (tmp_path / "ecb.csv").write_text("Date,USD,CNY,ISK,\n".replace(",\n", "\n") + "2026-05-04,1.25,8.0,N/A\n", "utf-8")
    read = read_rates(RateSettings(files=(str(tmp_path / "ecb.csv"),), against="EUR"), NOW)
    assert money.series(read.quotes, "CNY")["USD"] == [(date(2026, 5, 4), 6.4)]


def test_rates_in_the_settings_win(tmp_path: Path) -> None:
    (tmp_path / "rates.csv").write_text("day,a,b,r\n2026-05-01,USD,CNY,7.1\n", "utf-8")
    settings = RateSettings.model_validate(
        {
            "files": [str(tmp_path / "rates.csv")],
            "columns": {"date": "day", "from": "a", "to": "b", "rate": "r"},
            "quotes": [{"date": "2026-05-01", "from": "USD", "to": "CNY", "rate": 7.5}],
        }
    )
    assert money.series(read_rates(settings, NOW).quotes, "CNY")["USD"] == [(date(2026, 5, 1), 7.5)]


def test_a_file_without_a_column_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "rates.csv").write_text("date,usd\n2026-05-01,7.1\n", "utf-8")
    with pytest.raises(InputError, match=r"rates\.csv has no column for from"):
        read_rates(RateSettings(files=(str(tmp_path / "rates.csv"),)), NOW)


def test_price_bands_compare_what_can_be_compared(take: Take, look: Look, engine: EmbeddedEngine) -> None:
    lines = [f"y{n},Mug,{n}0,CNY\n" for n in range(1, 6)] + ["d,Mug,100,USD\n", "e,Mug,1,EUR\n"]
    money.publish(engine, [Quote(date(2026, 5, 1), "USD", "CNY", 7.0)], "CNY")
    take("item,title,price,currency\n" + "".join(lines), clock=at(2))
    bands = {row["item"]: row["price_band"] for row in look("products")}
    # six prices in yuan, 10 to 50 and 700: middle ranks .5 to 5.5 of 6; euros have no rate, so that one stands alone
    assert bands == {"y1": "1", "y2": "2", "y3": "3", "y4": "3", "y5": "4", "d": "5", "e": "3"}
