"""Results of other rooms as numbers of the appraisal: hand-solved cases with small stand-ins for those results."""

from __future__ import annotations

from types import SimpleNamespace as Thing

import numpy as np
import pytest

from landbridge import study
from landbridge.appraisal.games import shapley, veto_with_bypass
from landbridge.appraisal.rooms import (
    corridor_results,
    gas_flows,
    gas_game,
    gas_hold_up,
    revenue_of_tkm,
    through_mt,
    tkm_by_party,
    users_of_freight,
)
from landbridge.network.model import Mode

KOREA = study.read("korea")


def freight(groups: list[tuple[int, int, float, float]]) -> Thing:
    o, d, t, c = (np.array(x) for x in zip(*groups, strict=True))
    ways = Thing(cargoes=("coal",), cargo=np.zeros(len(o), int), origin=o, destination=d, demand_t=t)
    return Thing(alternatives=ways, equilibrium=Thing(logsum_usd_per_t=c), countries=("RUS", "KOR", "DEU"))


def test_users_benefit_from_logsums() -> None:
    before = freight([(0, 1, 1e6, 60.0), (2, 1, 2e6, 100.0), (0, 2, 5.0, np.inf)])
    after = freight([(2, 1, 2e6, 99.0), (0, 1, 1e6, 50.0), (1, 0, 7.0, 10.0)])
    gain, unknown = users_of_freight(KOREA, before, after)  # type: ignore[arg-type]
    assert gain == pytest.approx({"RUS": 5.0, "EU": 1.0, "KOR": 6.0})
    assert unknown == pytest.approx(7.0)  # opens: wanted, but no cost before; shut in both: nothing


def test_through_traffic_and_the_whole_result() -> None:
    def result(tonnes: list[float]) -> Thing:
        found = freight([(0, 1, 1e6, 60.0), (1, 0, 2e6, 50.0)])
        uses = np.array(
            [[1, 1], [0, 1]]
        )  # the first way passes Khasan and the demarcation line, the second one of them
        objects = ["KP-RU-R1", "KP-KR-R1"]
        found.alternatives.group = np.array([0, 1])
        found.alternatives.through = lambda ids: uses[:, [objects.index(i) for i in ids if i in objects]].any(axis=1)
        found.equilibrium.flow_t = np.array(tonnes)
        return found

    assert through_mt(KOREA, result([3e6, 2e6])) == {"PRK": 5.0}  # type: ignore[arg-type]
    network = Thing(country=np.array([0]), countries=("RUS",), u=np.array([0]), mode=np.array([Mode.RAIL]),
                    length_km=np.array([10.0]))
    both = (result([1e6, 0.0]), result([3e6, 2e6]))
    found, unknown = corridor_results(KOREA, network, both, (np.array([1e6]), np.array([2e6])))  # type: ignore[arg-type]
    assert unknown == 0.0 and found.transit_mt == {"PRK": 5.0} and found.year == 2017
    assert found.tkm_after[("RUS", "rail")] == 2e7 and found.revenue_change_musd["RUS"] > 0


def test_tonne_km_by_party_and_mode() -> None:
    network = Thing(country=np.array([0, 1, 2]), countries=("RUS", "PRK", ""), u=np.array([0, 0, 1, 2, 0]),
                    mode=np.array([Mode.RAIL, Mode.ROAD, Mode.RAIL, Mode.SEA, Mode.TRANSFER]),
                    length_km=np.array([10.0, 5.0, 2.0, 100.0, 1.0]))
    found = tkm_by_party(KOREA, network, np.array([3.0, 1.0, 4.0, 2.0, 9.0]))  # type: ignore[arg-type]
    assert found == {("RUS", "rail"): 30.0, ("RUS", "road"): 5.0, ("PRK", "rail"): 8.0, ("WLD", "sea"): 200.0}


def test_revenue_is_charged_at_the_party_own_tariff() -> None:
    more = revenue_of_tkm(
        KOREA, {("RUS", "rail"): 1e9, ("WLD", "sea"): 1e12}, {("RUS", "rail"): 3e9, ("PRK", "rail"): 1e9}
    )
    assert set(more) == {"RUS", "PRK"} and 10 < more["RUS"] < 100 and more["PRK"] > 0
    less = revenue_of_tkm(KOREA, {("RUS", "rail"): 3e9}, {("RUS", "rail"): 1e9})
    assert less["RUS"] == pytest.approx(-more["RUS"])


def stack(route: str, gas: float, pipe: float, fee: float) -> Thing:
    items = [Thing(item=n, low=x, central=x, high=x) for n, x in (("gas at the head", gas), ("pipe", pipe),
                                                                  ("transit fee", fee))]
    return Thing(route=route, items=items, central=gas + pipe + fee, fee_musd_per_year=fee * 10)


def gas() -> Thing:
    def route(id: str, transit: str, *countries: str) -> Thing:
        return Thing(route=Thing(id=id, volume_bcm_per_year=10.0, transit_country=transit),
                     km_by_country=dict.fromkeys(countries, 100.0))

    return Thing(lng=Thing(low=300.0, central=400.0, high=500.0),
                 routes=(route("land", "PRK", "RUS", "PRK", "KOR"), route("sea", "", "RUS", "KOR")),
                 stacks=(stack("land", 250.0, 30.0, 14.0), stack("sea", 250.0, 90.0, 0.0)))


def test_gas_game_is_the_closed_form_with_a_bypass() -> None:
    g = gas_game(gas())  # type: ignore[arg-type]
    assert g.value(("RUS", "KOR", "PRK")) == pytest.approx(1200.0) and g.value(("RUS", "KOR")) == pytest.approx(600.0)
    order = [g.players.index(p) for p in ("RUS", "KOR", "PRK")]
    assert shapley(g)[order] == pytest.approx(veto_with_bypass(1200.0, 600.0)["shapley"])
    land = gas_game(gas(), routes=("land",))  # type: ignore[arg-type]
    assert shapley(land) == pytest.approx([400.0] * 3)


def test_gas_flows_and_hold_up_by_hand() -> None:
    flows = gas_flows(gas(), "land", 0.25)  # type: ignore[arg-type]
    assert (flows.seller, flows.buyer, flows.transit) == ("RUS", "KOR", "PRK")
    assert flows.seller_margin_musd == pytest.approx((125.0, 375.0, 625.0))  # a quarter of (LNG - gas) x 10
    assert flows.buyer_saving_musd == pytest.approx((375.0, 1125.0, 1875.0))
    assert flows.fee_musd == (140.0, 140.0, 140.0)
    frame = gas_hold_up(gas(), "land", {"RUS": 0.5, "KOR": 0.5}).set_index("party")  # type: ignore[arg-type]
    assert frame["ex_ante"].tolist() == pytest.approx([400.0] * 3)  # 1,500 less the pipe's 300, in three
    assert frame.loc["PRK", "ex_post_net"] == pytest.approx(500.0)
    assert frame.loc["RUS", "rent_lost"] == pytest.approx(50.0)
