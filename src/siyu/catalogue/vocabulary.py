"""Words of units, sizes and availability, as feeds spell them. Data for the readers beside it, in code for speed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit and how much of the base unit it is."""

    base: str
    kind: str
    factor: Decimal


def _units() -> dict[str, Unit]:
    written = {
        ("g", "mass"): {
            "1": "g gr gram grams gramme grammes 克",
            "1000": "kg kgs kilo kilos kilogram kilograms 千克 公斤",
            "0.001": "mg 毫克",
            "500": "斤 市斤",
            "50": "两",
            "1000000": "t 吨",
            "28.349523125": "oz ounce ounces 盎司",
            "453.59237": "lb lbs pound pounds 磅",
        },
        ("ml", "volume"): {
            "1": "ml millilitre millilitres milliliter milliliters 毫升 cc",
            "10": "cl centilitre centilitres",
            "100": "dl",
            "1000": "l ltr litre litres liter liters 升 公升",
            "29.5735295625": "fl oz|floz|fl. oz|fluid ounce|fluid ounces",
            "3785.411784": "gal gallon gallons 加仑",
            "473.176473": "pt pint pints",
        },
        ("cm", "length"): {
            "1": "cm centimetre centimetres centimeter centimeters 厘米 公分",
            "0.1": "mm millimetre millimetres 毫米",
            "100": "m metre metres meter meters 米",
            "2.54": "in inch inches 英寸 寸",
            "30.48": "ft foot feet 英尺",
        },
        ("piece", "count"): {
            "1": "pc pcs piece pieces ct count 片 包 盒 袋 瓶 罐 只 支 个 件 枚 粒 颗 块 条 张 卷 双 套 本 听 桶 杯 抽",
        },
    }
    found: dict[str, Unit] = {}
    for (base, kind), factors in written.items():
        for factor, words in factors.items():
            for word in words.split("|") if "|" in words else words.split():
                found[word] = Unit(base, kind, Decimal(factor))
    return found


UNITS: Final = _units()
"""Word (lower case) to unit. 片, 包, 盒 and their like count pieces; what is in a 包 is not known."""

COUNTERS: Final = frozenset(word for word, unit in UNITS.items() if unit.kind == "count")
"""Words that may stand after a number of packs: ``330ml*6瓶``."""

CONTENT_LABEL: Final = re.compile(
    r"^(?:净含量|净重|规格|容量|重量|含量|net weight|net wt|net content|weight|volume)\s*[:：.]?\s*"
)
"""What may stand before a quantity in its own cell."""

CONTENT_NAMES: Final = (
    "unit_pricing_measure",
    "net content",
    "net weight",
    "net_weight",
    "content",
    "净含量",
    "净重",
    "容量",
    "规格",
    "volume",
    "weight",
    "重量",
)
"""Attributes that say how much is in the product, the most telling first (``weight`` may be the parcel's)."""

SIZE_NAMES: Final = frozenset(
    {"size", "sizes", "尺码", "尺寸", "号型", "鞋码", "码数", "shoe size", "shoe_size", "clothing size", "apparel size"}
)
"""Attributes (lower case) whose value is a size of clothes or shoes."""

AVAILABILITY: Final = {
    "in_stock": "in_stock instock available 有货 现货 在售 true yes 1 active published",
    "out_of_stock": "out_of_stock outofstock soldout sold_out unavailable 无货 缺货 售罄 false no 0",
    "preorder": "preorder pre_order presale 预售 预订",
    "backorder": "backorder back_order available_for_order",
    "discontinued": "discontinued draft archived unlisted 下架 停售 已下架 unpublished",
}
"""What a product can be, to the words feeds use for it."""

NOT_SOLD: Final = ("out_of_stock", "discontinued")
"""Nothing of these may be offered: their stock is 0 whatever else the feed says."""
