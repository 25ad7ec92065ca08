"""Faults between the trade tables."""

from __future__ import annotations

from landbridge import study
from landbridge.schema import trade
from landbridge.schema.trade import AddedTrade, Economy, Regime, Sector
from landbridge.tables import Row


def rows() -> dict[type[Row], tuple[Row, ...]]:
    return dict(study.read("korea").tables)


def test_the_bundled_tables_name_only_what_is_declared() -> None:
    assert trade.check(rows()) == []


def test_every_dangling_name_is_found() -> None:
    tables = rows()
    economies = tables[Economy]
    tables[Economy] = (economies[0].model_copy(update={"borders": ("PRK", "ATL")}), *economies[1:])
    sectors = tables[Sector]
    tables[Sector] = (sectors[0].model_copy(update={"cargoes": ("moonrock",)}), *sectors[1:])
    tables[AddedTrade] = (tables[AddedTrade][0].model_copy(update={"sector": "gold"}), *tables[AddedTrade][1:])
    tables[Regime] = (*tables[Regime][:2], tables[Regime][2].model_copy(update={"economy_a": "XYZ"}))
    found = {(f.file, f.found.split("'")[1]) for f in trade.check(tables)}
    assert found == {
        ("trade/economies.csv", "ATL"), ("trade/sectors.csv", "moonrock"), ("trade/added_trade.csv", "gold"),
        ("trade/regimes.csv", "XYZ"),
    }
