"""A grocery's year: Complete Journey, split on 2017-12-01."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from siyu.app.benchmarks.shops import ShopBenchmark

SETTINGS: Final = """
[project]
name = "complete-journey"
language = "en"
timezone = "America/New_York"
currency = "USD"

[[events]]
name = "till"
paths = ["transactions.parquet"]
columns.user_id = "household_id"
columns.ts = "transaction_timestamp"
columns.item = "product_id"
columns.quantity = "quantity"
columns.total = "sales_value"
columns.order_id = "basket_id"
constants = { kind = "purchase", currency = "USD", language = "en" }
zero_price = "keep"

[[catalogue]]
name = "products"
paths = ["products.parquet"]
columns.item = "product_id"
columns.title = "product_type"
columns.category = ["department", "product_category"]
columns.brand = "brand"
attributes = { size = "package_size" }
constants = { language = "en" }
observed_at = "2017-01-01T00:00:00Z"
"""
"""As in examples/complete_journey/siyu.toml."""

COMPLETE_JOURNEY: Final = ShopBenchmark(
    "complete_journey", "complete_journey", SETTINGS, datetime(2017, 12, 1, tzinfo=UTC)
)
