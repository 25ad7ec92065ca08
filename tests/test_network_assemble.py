"""Assembly on hand-made networks: gauges, missing crossings, cuts, snapping, faults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from landbridge.errors import StudyFault
from landbridge.network import extract as extracts
from landbridge.network.assemble import assemble
from landbridge.network.geometry import great_circle_km, nearest_on_segments
from landbridge.network.model import Mode, Network
from landbridge.schema.config import NetworkSection
from landbridge.schema.network import Crossing, Gauge, LineCondition, Link, OpenBorder, Passage, Terminal

COUNTRIES = ("", "CHN", "PRK", "RUS")
KM_PER_DEGREE = 111.195  # on a meridian


@dataclass(frozen=True)
class Town:
    id: str
    country: str
    lat_deg: float
    lon_deg: float


def line(*rows: tuple[float, str], mode: Mode = Mode.RAIL, lon: float = 130.0) -> list[tuple[float, float, str, Mode]]:
    return [(lat, lon, country, mode) for lat, country in rows]


def extract_of(*lines: Sequence[tuple[float, float, str, Mode]]) -> extracts.Extract:
    """Each line is a chain of nodes; lengths are straight."""
    nodes = [node for chain in lines for node in chain]
    u: list[int] = []
    start = 0
    for chain in lines:
        u += range(start, start + len(chain) - 1)
        start += len(chain)
    lat, lon = np.array([n[0] for n in nodes]), np.array([n[1] for n in nodes])
    tail = np.array(u, np.int32)
    country = np.array([COUNTRIES.index(n[2]) for n in nodes], np.int16)
    km = great_circle_km(lat[tail], lon[tail], lat[tail + 1], lon[tail + 1])
    return extracts.make(lat, lon, np.array([n[3] for n in nodes], np.uint8), country, COUNTRIES, tail,
                         np.asarray(tail + 1, np.int32), km)


def crossing(**changes: Any) -> Crossing:
    row = {"id": "X", "name": "post", "country_a": "RUS", "country_b": "PRK", "mode": "rail", "lat_deg": 42.5,
           "lon_deg": 130.0, "gauge_a_mm": "1520", "gauge_b_mm": "1435", "regime": "open", "dwell_h_low": 1,
           "dwell_h_central": 2, "dwell_h_high": 3, "fee_usd": 10, "source": "made up", "evidence": "E"}
    return Crossing.model_validate(row | changes)


def link(**changes: Any) -> Link:
    row = {"id": "L", "name": "line", "kind": "new", "mode": "rail", "from_name": "a", "from_country": "PRK",
           "from_lat_deg": 42.0, "from_lon_deg": 130.0, "to_name": "b", "to_country": "PRK", "to_lat_deg": 41.0,
           "to_lon_deg": 130.0, "length_km": 150, "source": "made up", "evidence": "E"}
    return Link.model_validate(row | changes)


GAUGES = [Gauge(country=c, gauge_mm=g, source="made up", evidence="E")  # type: ignore[arg-type]
          for c, g in (("RUS", 1520), ("PRK", 1435), ("CHN", 1435))]


def build(extract: extracts.Extract, crossings: Sequence[Crossing] = (), links: Sequence[Link] = (),
          terminals: Sequence[Terminal] = (), conditions: Sequence[LineCondition] = (),
          borders: Sequence[OpenBorder] = (), passages: Sequence[Passage] = (), zones: Sequence[Town] = ()) -> Network:
    return assemble(extract, crossings, links, terminals, GAUGES, conditions, borders, passages, zones,
                    NetworkSection())


def km(network: Network, a: int, b: int, closed: Sequence[str] = ()) -> float:
    shut = [network.object_index(id) for id in closed]
    k = np.flatnonzero(~np.isin(network.object, shut))
    graph = coo_array((network.length_km[k] + 1e-9, (network.u[k], network.v[k])), shape=(network.n, network.n))
    return float(dijkstra(graph.tocsr(), directed=False, indices=a)[b])


def joins_two_countries(network: Network) -> Mapping[str, int]:
    a, b = network.country[network.u], network.country[network.v]
    sea = network.countries.index("")
    bad = (a != b) & (a != sea) & (b != sea) & (network.mode != Mode.CROSSING)
    return {Mode(int(m)).name: int((network.mode[bad] == m).sum()) for m in np.unique(network.mode[bad])}


RUS_PRK = line((44, "RUS"), (43, "RUS"), (42, "PRK"), (41, "PRK"))


def test_a_border_link_is_split_at_its_crossing_and_only_there() -> None:
    network = build(extract_of(RUS_PRK), [crossing()])
    k = network.links_of("X")
    assert network.mode[k].tolist() == [Mode.CROSSING]
    assert network.length_km[k].tolist() == [0.0]
    assert network.dwell_h[k].tolist() == [[1, 2, 3]]
    assert network.fee_usd[k].tolist() == [10]
    assert not joins_two_countries(network)
    assert km(network, 0, 3) == pytest.approx(3 * KM_PER_DEGREE, rel=1e-4)
    assert np.isinf(km(network, 0, 3, closed=["X"]))


def test_without_a_crossing_the_border_is_cut_and_counted() -> None:
    network = build(extract_of(RUS_PRK))
    assert np.isinf(km(network, 0, 3))
    assert [(c.country_a, c.country_b, c.links) for c in network.cut] == [("PRK", "RUS", 1)]


def test_an_open_border_lets_every_line_pass_at_a_crossing_of_its_own() -> None:
    border = OpenBorder(id="B", country_a="RUS", country_b="PRK", modes=("rail",), regime="open", dwell_h_low=0,
                        dwell_h_central=1, dwell_h_high=2, fee_usd=5, source="made up", evidence="E")  # type: ignore[arg-type]
    network = build(extract_of(RUS_PRK), borders=[border])
    assert km(network, 0, 3) == pytest.approx(3 * KM_PER_DEGREE, rel=1e-4)
    assert network.mode[network.links_of("B")].tolist() == [Mode.CROSSING]
    assert not joins_two_countries(network)


def test_the_nodes_of_the_extract_keep_their_numbers() -> None:
    extract = extract_of(RUS_PRK)
    network = build(extract, [crossing()])
    assert network.extract_nodes == extract.n
    np.testing.assert_array_equal(network.lat_deg[: extract.n], extract.lat_deg)


def test_gauges_differ_at_the_crossing_unless_the_line_has_both() -> None:
    plain = build(extract_of(RUS_PRK), [crossing()])
    assert plain.gauge_mm[plain.links_of("X")].tolist() == [0]
    dual = link(id="D", kind="patch", from_country="RUS", from_lat_deg=43.0, to_lat_deg=42.0, length_km=111,
                gauge_mm="1520; 1435", dual_in="PRK")
    both = build(extract_of(RUS_PRK), [crossing(gauge_b_mm="1435; 1520")], [dual])
    assert sorted(both.gauge_mm[both.links_of("X")].tolist()) == [0, 1520]
    through = both.links_of("X")[both.gauge_mm[both.links_of("X")] == 1520][0]
    k = np.flatnonzero((both.mode == Mode.RAIL) & (both.gauge_mm == 1520) & (both.lat_deg[both.u] < 42.6)
                       & (both.lat_deg[both.v] < 42.6))
    assert len(k) == 1, "the second track goes as far as the named line, not to the end of the country"
    assert set(both.gauge_mm[both.mode == Mode.RAIL].tolist()) == {1435, 1520}
    assert both.u[through] in both.v[both.mode == Mode.RAIL]


def test_broad_and_narrow_track_meet_only_at_crossing_and_terminal() -> None:
    dual = link(id="D", kind="patch", from_country="RUS", from_lat_deg=43.0, to_lat_deg=42.0, length_km=111,
                gauge_mm="1520; 1435", dual_in="PRK")
    network = build(extract_of(RUS_PRK), [crossing(gauge_b_mm="1435; 1520")], [dual])
    rail = np.flatnonzero(network.mode == Mode.RAIL)
    ends = np.concatenate([network.u[rail], network.v[rail]])
    gauges = np.concatenate([network.gauge_mm[rail]] * 2)
    for node in np.unique(ends):
        assert len(set(gauges[ends == node].tolist())) == 1


def test_a_line_of_another_gauge_than_its_country_has_that_gauge_alone() -> None:
    broad = {"from_lat_deg": 41.0, "to_lat_deg": 40.0, "length_km": 111, "gauge_mm": "1520"}
    for row in (link(**broad), link(**broad, dual_in="PRK")):
        network = build(extract_of(RUS_PRK), [crossing()], [row], [terminal(lat_deg=41.0, modes="rail1435; rail1520")])
        own = network.links_of("L")
        assert network.gauge_mm[own].tolist() == [1520]
        change = network.links_of("T")
        assert sorted(network.gauge_mm[change].tolist()) == [1435, 1520]
        end = int(network.v[own][0])
        assert np.isfinite(km(network, 0, end)) and np.isinf(km(network, 0, end, closed=["T"]))
    both = link(id="D", kind="patch", from_country="RUS", from_lat_deg=43.0, to_lat_deg=42.0, length_km=111,
                gauge_mm="1520; 1435", dual_in="PRK")
    named = link(id="N", kind="patch", from_country="RUS", from_lat_deg=43.0, length_km=222, gauge_mm="1435")
    laid = build(extract_of(RUS_PRK), [crossing(gauge_b_mm="1435; 1520")], [both, named])
    assert sorted(laid.gauge_mm[laid.links_of("X")].tolist()) == [0, 1520]


def terminal(**changes: Any) -> Terminal:
    row = {"id": "T", "name": "yard", "country": "PRK", "type": "port", "lat_deg": 41.9, "lon_deg": 130.0,
           "modes": "rail1435; rail1520", "handling_h_low": 2, "handling_h_central": 4, "handling_h_high": 8,
           "handling_usd_per_t": 6, "source": "made up", "evidence": "E"}
    return Terminal.model_validate(row | changes)


def test_a_change_of_gauge_at_a_terminal_costs_its_handling_once() -> None:
    dual = link(id="D", kind="patch", from_country="RUS", from_lat_deg=43.0, to_lat_deg=42.0, length_km=111,
                gauge_mm="1520; 1435", dual_in="PRK")
    network = build(extract_of(RUS_PRK), [crossing(gauge_b_mm="1435; 1520")], [dual], [terminal()])
    k = network.links_of("T")
    assert sorted(network.gauge_mm[k].tolist()) == [1435, 1520]
    assert network.dwell_h[k, 1].sum() == 4
    assert network.charge_usd_per_t[k].sum() == 6
    assert np.isnan(network.charge_usd_per_teu[k]).all(), "blank in the table, so not known"


def test_a_gauge_that_is_not_laid_in_the_country_is_told() -> None:
    network = build(extract_of(RUS_PRK), [crossing()], terminals=[terminal()])
    assert "rail1520" in network.notes["terminal T"]
    assert len(network.links_of("T")) == 1


def test_a_missing_crossing_gets_links_to_both_sides() -> None:
    north, south = line((44, "RUS"), (43, "RUS")), line((42.5, "PRK"), (41, "PRK"))
    network = build(extract_of(north, south), [crossing(lat_deg=42.7)])
    assert km(network, 0, 3) == pytest.approx((1 + 1.2 * 0.5 + 1.5) * KM_PER_DEGREE, rel=2e-3)
    assert not joins_two_countries(network)


def test_a_crossing_80_km_from_any_line_and_a_lost_zone_are_faults_at_once() -> None:
    far = crossing(id="FAR", lon_deg=131.2, lat_deg=42.5)
    with pytest.raises(StudyFault) as error:
        build(extract_of(RUS_PRK), [crossing(), far], [link(from_lat_deg=30.0, to_lat_deg=29.0)],
              [terminal(lat_deg=35.0)], zones=[Town("lost", "PRK", 35.0, 130.0)])
    assert {f.where for f in error.value.faults} == {"id FAR", "id L", "id T", "id lost"}
    assert all(f.cure for f in error.value.faults)


def test_a_named_line_with_no_way_between_its_ends_is_a_fault() -> None:
    north, south = line((44, "PRK"), (43, "PRK")), line((42.0, "PRK"), (41, "PRK"))
    row = link(kind="rescale", from_lat_deg=44.0, to_lat_deg=41.0)
    with pytest.raises(StudyFault, match="no way in the graph"):
        build(extract_of(north, south), links=[row])


def test_rescale_gives_the_way_its_freight_length() -> None:
    row = link(kind="rescale", from_lat_deg=42.0, to_lat_deg=41.0, length_km=150)
    network = build(extract_of(RUS_PRK), [crossing()], [row])
    assert km(network, 2, 3) == pytest.approx(150)
    assert network.objects[network.object_index("L")].graph_km == pytest.approx(KM_PER_DEGREE, rel=1e-4)


def test_chained_new_links_meet_and_carry_a_crossing() -> None:
    north, south = line((44, "RUS"), (43, "RUS"), mode=Mode.ROAD), line((42.9, "PRK"), (41, "PRK"), mode=Mode.ROAD)
    approach = link(id="A", mode="road", from_country="RUS", from_lat_deg=43.0, to_country="RUS", to_lat_deg=42.96,
                    length_km=5)
    bridge = link(id="B", mode="road", from_country="RUS", from_lat_deg=42.96, to_country="PRK", to_lat_deg=42.9,
                  length_km=8)
    post = crossing(mode="road", lat_deg=42.93, gauge_a_mm="", gauge_b_mm="")
    network = build(extract_of(north, south), [post], [approach, bridge])
    assert km(network, 0, 3) == pytest.approx(5 + 8 + 2.9 * KM_PER_DEGREE, rel=1e-4)
    for id in ("A", "B", "X"):
        assert np.isinf(km(network, 0, 3, closed=[id]))


def test_zones_are_tied_to_the_main_component_of_their_country() -> None:
    stub = line((42.1, "PRK"), (42.15, "PRK"), lon=130.3)
    main = line((44, "RUS"), (43, "RUS"), (42, "PRK"), (41.5, "PRK"), (41, "PRK"))
    network = build(extract_of(main, stub), [crossing()],
                    zones=[Town("town", "PRK", 42.1, 130.25)])
    assert np.isfinite(km(network, int(network.centroid[0]), 0))


def test_whole_network_speed_holds_where_no_line_has_its_own() -> None:
    whole = {"mode": "rail", "country": "PRK", "section": "all", "speed_km_h_low": 10, "speed_km_h_central": 20,
             "speed_km_h_high": 30, "length_km": 1, "source": "made up", "evidence": "E"}
    part = whole | {"id": "P", "from_lat_deg": 42.0, "from_lon_deg": 130.0, "to_lat_deg": 41.0, "to_lon_deg": 130.0,
                    "speed_km_h_central": 25}
    rows = [LineCondition.model_validate(r) for r in (whole | {"id": "W"}, part)]
    network = build(extract_of(RUS_PRK), [crossing()], conditions=rows)
    rail = np.flatnonzero(network.mode == Mode.RAIL)
    prk = network.countries.index("PRK")
    speeds = network.speed_km_h[rail[network.country[network.u[rail]] == prk], 1]
    assert sorted(speeds.tolist()) == [20, 25]
    assert np.isnan(network.speed_km_h[rail[network.country[network.u[rail]] != prk]]).all()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(["RUS", "PRK", "CHN"]), min_size=3, max_size=9), st.booleans())
def test_no_link_but_a_crossing_joins_two_countries(countries: list[str], with_post: bool) -> None:
    chain = line(*((44 - i, c) for i, c in enumerate(countries)))
    pairs = [(i, a, b) for i, (a, b) in enumerate(pairwise(countries)) if a != b]
    gauge = {g.country: str(g.gauge_mm) for g in GAUGES}
    posts = [crossing(id=f"X{i}", country_a=a, country_b=b, lat_deg=43.5 - i, gauge_a_mm=gauge[a], gauge_b_mm=gauge[b])
             for i, a, b in pairs] if with_post else []
    network = build(extract_of(chain), posts)
    assert not joins_two_countries(network)
    assert np.isfinite(km(network, 0, len(countries) - 1)) == (with_post or not pairs)


@settings(max_examples=50, deadline=None)
@given(st.floats(-60, 60), st.floats(-170, 170), st.floats(0.0, 1.0), st.floats(-0.5, 0.5))
def test_a_point_on_a_piece_is_found_where_it_is(lat: float, lon: float, share: float, slope: float) -> None:
    u, v = (lat, lon), (lat + slope, lon + 1.0)
    point = (u[0] + share * (v[0] - u[0]), u[1] + share)
    gap, at = nearest_on_segments(*point, *(np.array([x]) for x in (*u, *v)))
    assert gap[0] < 1e-6
    assert at[0] == pytest.approx(share, abs=1e-9)
