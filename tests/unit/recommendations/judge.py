"""An independent judge: every number in a reason worked out again from the events, with pandas alone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import combinations
from typing import Any

import pandas as pd
import pytest

HEAVIEST = 100
LOOKS = ["browse", "cart", "click"]


class Judge:
    """Knows the events up to ``now`` and checks recommendations against them."""

    def __init__(self, events: pd.DataFrame, now: datetime) -> None:
        self.now = pd.Timestamp(now.replace(tzinfo=None))
        self.events = events[(events["ts"] <= self.now) & events["item"].notna()]
        self.bought = self._net()
        self.own = set(zip(self.bought["person"], self.bought["item"], strict=True))
        shown = self.events[self.events["kind"].isin([*LOOKS, "review", "rating"]) & ~(self.events["rating"] <= 2)]
        baskets = self.bought.groupby(["person", "unit"])["item"].agg(frozenset)
        self.units = {
            "basket": _light(baskets),
            "person": list(self.bought.groupby("person")["item"].agg(frozenset)),
            "session": _light(shown.groupby(["person", "session_id"])["item"].agg(frozenset)) if len(shown) else [],
        }
        self._counts: dict[str, tuple[dict[str, int], dict[tuple[str, str], int]]] = {}

    def check(self, rows: Iterable[dict[str, Any]]) -> dict[str, int]:
        """Assert that every reason is true; returns how many of each kind there were."""
        checked: dict[str, int] = {}
        for row in rows:
            assert row["reasons"], row
            if row["lane"] == "discover":
                assert (row["person"], row["item"]) not in self.own
            for reason in row["reasons"]:
                check = getattr(self, "_" + reason["kind"].replace("-", "_"), None)
                if check is not None:
                    check(row, reason)
                checked[reason["kind"]] = checked.get(reason["kind"], 0) + 1
        return checked

    def _net(self) -> pd.DataFrame:
        """Purchases that were not returned in full, one row a person, product and moment."""
        deals = self.events[self.events["kind"].isin(["purchase", "return"])].copy()
        deals["signed"] = deals["quantity"].where(deals["kind"] == "purchase", -deals["quantity"])
        deals["unit"] = deals["order_id"].where(deals["kind"] == "purchase")
        net = deals.groupby(["person", "item", "effective_ts"], as_index=False).agg(
            quantity=("signed", "sum"), unit=("unit", "min")
        )
        return net[net["quantity"] > 1e-9].rename(columns={"effective_ts": "ts"})

    def _pairs(self, window: str, wanted: str) -> tuple[dict[str, int], dict[tuple[str, str], int]]:
        if window not in self._counts:
            single: dict[str, int] = {}
            double: dict[tuple[str, str], int] = {}
            for unit in self.units[window]:
                for item in unit:
                    single[item] = single.get(item, 0) + 1
                for pair in combinations(sorted(unit), 2):
                    double[pair] = double.get(pair, 0) + 1
            self._counts[window] = single, double
        return self._counts[window]

    def _bought_together(self, row: dict[str, Any], reason: dict[str, Any]) -> None:
        assert (row["person"], reason["item"]) in self.own
        self._together(row, reason)

    def _similar(self, row: dict[str, Any], reason: dict[str, Any]) -> None:
        if reason["value"] != "session":
            assert (row["person"], reason["item"]) not in self.own
        self._together(row, reason)

    def _together(self, row: dict[str, Any], reason: dict[str, Any]) -> None:
        single, double = self._pairs(reason["value"], row["item"])
        first, second = sorted((row["item"], reason["item"]))
        count = double[first, second]
        assert reason["count"] == count
        total = sum(1 for _ in self.units[reason["value"]])
        assert reason["number"] == pytest.approx(count * total / (single[first] * single[second]))

    def _popular(self, row: dict[str, Any], reason: dict[str, Any]) -> None:
        recent = self.bought[(self.now - self.bought["ts"]) < pd.Timedelta(days=reason["number"])]
        assert reason["count"] == recent[recent["item"] == row["item"]]["person"].nunique()

    def _repeat(self, row: dict[str, Any], reason: dict[str, Any]) -> None:
        sold = self.bought[self.bought["item"] == row["item"]]
        days = sold.assign(day=sold["ts"].dt.normalize()).groupby("person")["day"].agg(["nunique", "min", "max"])
        span = (days["max"] - days["min"]).dt.days
        mine = days.loc[row["person"]]
        assert reason["count"] == mine["nunique"]
        if reason["value"] == "person":
            assert reason["number"] == pytest.approx((mine["max"] - mine["min"]).days / (mine["nunique"] - 1))
        else:
            assert (reason["value"], reason["count"]) == ("everyone", 1)
            assert reason["number"] == pytest.approx(span.sum() / (days["nunique"] - 1).sum())

    def _viewed(self, row: dict[str, Any], reason: dict[str, Any]) -> None:
        events = self.events
        looks = events[
            (events["person"] == row["person"]) & (events["item"] == row["item"]) & events["kind"].isin(LOOKS)
        ].drop_duplicates(["kind", "ts"])
        assert reason["count"] == len(looks)
        days = (self.now - looks["ts"].max()).total_seconds() / 86_400
        assert reason["number"] == pytest.approx(days, abs=1.5 / 86_400)  # ages are whole seconds


def _light(units: Iterable[frozenset[str]]) -> list[frozenset[str]]:
    return [unit for unit in units if len(unit) <= HEAVIEST]
