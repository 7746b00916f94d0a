"""A UK gift shop's invoices: UCI Online Retail, split on 2011-11-09."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from siyu.app.benchmarks.shops import ShopBenchmark

SETTINGS: Final = """
[project]
name = "online-retail"
language = "en"
timezone = "Europe/London"
currency = "GBP"

[[events]]
name = "invoices"
paths = ["online_retail.parquet"]
columns.user_id = "CustomerID"
columns.ts = "InvoiceDate"
columns.item = "StockCode"
columns.quantity = "Quantity"
columns.unit_price = "UnitPrice"
columns.order_id = "InvoiceNo"
constants = { kind = "purchase", currency = "GBP", language = "en" }
time_formats = ["%Y-%m-%d %H:%M:%S"]
timezone = "Europe/London"
return_order_prefix = "C"
item_case = "upper"
ignore = ["__index_level_0__"]
not_products = ["POST", "DOT", "M", "C2", "D", "S", "B", "BANK CHARGES", "AMAZONFEE", "CRUK", "PADS"]
not_products_pattern = "gift_0001_[0-9]+"

[[catalogue]]
name = "invoices"
paths = ["online_retail.parquet"]
columns.item = "StockCode"
columns.title = "Description"
columns.price = "UnitPrice"
columns.observed_at = "InvoiceDate"
constants = { currency = "GBP", language = "en" }
time_formats = ["%Y-%m-%d %H:%M:%S"]
timezone = "Europe/London"
moments = "day"
title_rule = "frequent"              # one product has many descriptions, notes of the warehouse among them
title_reject = ".*[a-z]{3}.*|.*\\\\?.*" # real descriptions are in capitals
item_case = "upper"
not_products = ["POST", "DOT", "M", "C2", "D", "S", "B", "BANK CHARGES", "AMAZONFEE", "CRUK", "PADS"]
not_products_pattern = "gift_0001_[0-9]+"
"""
"""As in examples/online_retail/siyu.toml."""

ONLINE_RETAIL: Final = ShopBenchmark("online_retail", "online_retail", SETTINGS, datetime(2011, 11, 9, tzinfo=UTC))
