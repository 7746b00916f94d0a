"""One shop for all tests of the simulator; tests only read it."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.dataset as ds
import pytest

from siyu.simulator import SimulationSettings, World, simulate


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The default shop (2,000 people, 400 products, 6 months), written to a folder."""
    return simulate(SimulationSettings(), tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="session")
def events(shop: World) -> pa.Table:
    """All rows of its event files."""
    return ds.dataset(shop.folder / "events").to_table()


@pytest.fixture(scope="session")
def clean(shop: World) -> pa.Table:
    """Its event files without what was planted: a shop of the same seed, without dirt and bots."""
    tidy = shop.settings.model_copy(update={"dirty_share": 0.0, "bot_share": 0.0})
    return ds.dataset(simulate(tidy, shop.folder / "tidy").folder / "events").to_table()
