"""The table of indicators: name, unit, what is better, formula, reference.

Every indicator that a claim or a known answer names stands here; the functions that compute them live in
their rooms. Time and cost indicators use the names of CAREC's corridor performance measurement and monitoring
(CPMM).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from landbridge.tables import Evidence


class Better(StrEnum):
    """Which direction is an improvement."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"


@dataclass(frozen=True)
class Indicator:
    """A named number: its unit, which direction is better, how it is computed, and where the formula comes
    from."""

    name: str
    unit: str
    better: Better
    formula: str
    reference: str


UP, DOWN, FLAT = Better.HIGHER, Better.LOWER, Better.NEITHER
MODEL = "docs of landbridge"
CPMM = "CAREC CPMM, indicator definitions"
ADB = "ADB Guidelines for the Economic Analysis of Projects, 2017"
LAST_YEAR = "last full year before the day / the year before it - 1, x 100"
PROBE = "length, time or cost of the least-cost way through the points of probes.csv"

_ROUTING = (
    (
        "share_crossing_china_2017_pct",
        "%",
        FLAT,
        "tonnes of the pair whose least-cost way crosses China / tonnes with a way x 100",
        MODEL,
    ),
    ("share_crossing_china_2017_value_pct", "%", FLAT, "the same, weighted by value", MODEL),
    (
        "share_crossing_china_bridge_change_points",
        "percentage points",
        FLAT,
        "share with the bridge - share without",
        MODEL,
    ),
    (
        "corridor_loss_rank_road",
        "rank",
        FLAT,
        "rank of the road among the links of the corridor by the benefit lost when each is taken out",
        MODEL,
    ),
    (
        "first_land_way_year",
        "year",
        FLAT,
        "first observed year with an open land way from the south coast to Russia; inf if none",
        MODEL,
    ),
    (
        "first_road_or_pipeline_year",
        "year",
        FLAT,
        "first observed year in which the road or the pipeline is in service; inf if none",
        MODEL,
    ),
    (
        "nearest_large_city_rank_vladivostok",
        "rank",
        FLAT,
        "rank by great-circle distance to the border among Russian zones of 500,000 people or more",
        MODEL,
    ),
    (
        "border_share_of_time_pct",
        "%",
        DOWN,
        "hours at gauge changes, customs and borders / door-to-door hours x 100",
        CPMM,
    ),
    (
        "obor_hub_cost_change_pct",
        "%",
        DOWN,
        "mean over pairs of zone and hub of generalised cost after / before - 1, x 100",
        "de Soyres and others, 2018",
    ),
    (
        "party_pairs_with_lower_cost_pct",
        "%",
        UP,
        "pairs of parties whose mean generalised cost over base-year tonnes, without queues, falls by 0.01 % or more "
        "in a direction / all pairs x 100",
        MODEL,
    ),
    (
        "neighbours_of_prk_count",
        "countries",
        FLAT,
        "countries with a land crossing to North Korea in the network",
        MODEL,
    ),
    ("road_crossings_rus_prk_count", "crossings", UP, "open road crossings between the two", MODEL),
    (
        "road_crossings_chn_less_rus_count",
        "crossings",
        FLAT,
        "open road crossings to China - to Russia",
        MODEL,
    ),
    (
        "corridor_length_in_service_pct",
        "%",
        UP,
        "length of the corridor's railway joined across a border that is open to some cargo between its ends / whole "
        "length x 100; low: only that with both gauges",
        MODEL,
    ),
    ("tfi1_h", "h", DOWN, "mean hours to cross a border, both sides", CPMM),
    ("tfi2_usd", "USD", DOWN, "mean cost at a border-crossing point", CPMM),
    ("tfi3_usd_per_500_km_20_t", "USD", DOWN, "cost of a corridor section for 500 km and 20 t", CPMM),
    ("swd_km_h", "km/h", UP, "distance / total time (TFI4, speed with delay)", CPMM),
    ("swod_km_h", "km/h", UP, "distance / moving time (speed without delay)", CPMM),
)
_CONDITIONS = (
    (
        "rus_council_banzhaf_share_pct",
        "%",
        FLAT,
        "Banzhaf share of Russia in the Security Council: 9 of 15 votes, five vetoes",
        "Banzhaf, 1965",
    ),
    (
        "unlocked_by_rus_gates_pct",
        "%",
        UP,
        "benefit with only the gates Russia can open / benefit with all gates x 100",
        MODEL,
    ),
    (
        "unlocked_with_usa_gates_shut_pct",
        "%",
        UP,
        "benefit with every gate of the United States shut / benefit with all gates x 100",
        MODEL,
    ),
    (
        "usa_gates_unlock_rank",
        "rank",
        FLAT,
        "rank of the United States among holders by the benefit lost without them",
        MODEL,
    ),
    ("consent_prk_open_days_2017_09_2018_05_count", "days", UP, "days the consent gate stood open", MODEL),
    (
        "years_from_announcement_to_agreement",
        "years",
        DOWN,
        "date of the agreement - date of the announcement",
        MODEL,
    ),
    ("first_works_year_tumen_bridge", "year", DOWN, "year of the first event of works", MODEL),
)
_TRADE = (
    ("kor_energy_imports_from_rus_growth_pct", "%", FLAT, "imports of HS 27, " + LAST_YEAR, "trade_series.csv"),
    ("rus_kor_trade_growth_pct", "%", FLAT, "exports and imports, " + LAST_YEAR, "trade_series.csv"),
)
_GAS = (
    (
        "gas_land_route_saving_usd_per_1000m3",
        "USD/1000 m3",
        UP,
        "delivered cost of the best other supply - that of the land route",
        MODEL,
    ),
    (
        "gas_transit_fee_musd_per_year",
        "million USD/year",
        FLAT,
        "fee x volume x length / 100 km",
        "KOGAS, October 2018",
    ),
)
_APPRAISAL = (
    (
        "parties_with_gain_count",
        "parties",
        UP,
        "parties of the three with an ENPV above 0 at their own rate, with the transit fees of the ledger, if any",
        ADB,
    ),
    ("enpv_musd", "million USD", UP, "sum over years of economic flows / (1 + r)^(year - base year)", ADB),
    ("fnpv_musd", "million USD", UP, "the same of financial flows", ADB),
    ("eirr_pct", "%", UP, "the rate at which the ENPV is 0, if there is exactly one", ADB),
    ("firr_pct", "%", UP, "the rate at which the FNPV is 0, if there is exactly one", ADB),
    ("bcr", "ratio", UP, "PV of benefits / PV of capex and opex", ADB),
    (
        "first_year_return_pct",
        "%",
        UP,
        "net benefit of the first year / capex compounded to it",
        "Adler, 1987",
    ),
    (
        "capex_inter_korean_rail_tn_krw",
        "tn KRW",
        DOWN,
        "length x cost per km x share of the work",
        "Chosun, October 2018",
    ),
    ("capex_inter_korean_total_tn_krw", "tn KRW", DOWN, "railways + roads", "Chosun, October 2018"),
    (
        "rail_revenue_open_over_closed_ratio",
        "ratio",
        FLAT,
        "ten years' revenue of the railway open / closed",
        "Kim Sun-Ju, 2021",
    ),
    ("cpmm_2022_moving_h", "h", DOWN, "500 km / speed without delay", CPMM),
    ("cpmm_2022_total_h", "h", DOWN, "500 km / speed with delay", CPMM),
    ("npv_annuity_9pct", "money", UP, "-100, then 25 times 12, at 9 %", "closed form"),
    ("npv_annuity_12pct", "money", UP, "the same at 12 %", "closed form"),
    ("npv_annuity_6pct", "money", UP, "the same at 6 %", "closed form"),
    ("irr_annuity_pct", "%", UP, "the same, rate at which the NPV is 0", "closed form"),
    ("bcr_annuity_9pct", "ratio", UP, "the same, PV of gains / PV of costs", "closed form"),
    ("cba_bypass_enpv_meur", "million EUR", UP, "ENPV at 5 % of the sample bypass", "transport-cba, README"),
    ("cba_bypass_err_pct", "%", UP, "economic rate of return of the sample bypass", "transport-cba, README"),
    ("cba_bypass_bcr", "ratio", UP, "benefit-cost ratio of the sample bypass", "transport-cba, README"),
)
_PROBES = (
    ("rail_vostochny_moscow_km", "km"),
    ("rail_vostochny_st_petersburg_km", "km"),
    ("busan_moscow_by_vostochny_km", "km"),
    ("busan_hamburg_rail_km", "km"),
    ("busan_hamburg_sea_km", "km"),
    ("busan_hamburg_rail_less_sea_days", "days"),
    ("busan_hamburg_rail_less_sea_usd_per_teu", "USD/TEU"),
    ("busan_moscow_sea_days", "days"),
    ("busan_moscow_by_vostochny_days", "days"),
    ("busan_st_petersburg_rail_over_sea_cost_ratio", "ratio"),
    ("busan_moscow_by_vostochny_usd_per_teu", "USD/TEU"),
    ("busan_moscow_sea_usd_per_teu", "USD/TEU"),
    ("busan_moscow_by_vostochny_usd_per_feu", "USD/FEU"),
    ("busan_moscow_sea_usd_per_feu", "USD/FEU"),
    ("busan_st_petersburg_by_vostochny_usd_per_feu", "USD/FEU"),
    ("busan_st_petersburg_sea_usd_per_feu", "USD/FEU"),
    ("busan_moscow_corridor_change_days", "days"),
    ("rajin_pohang_sea_h", "h"),
    ("rajin_less_vladivostok_coal_cost_pct", "%"),
    ("khasan_rajin_capacity_kt_per_year", "kt/year"),
)

INDICATORS: tuple[Indicator, ...] = (
    *(Indicator(*row) for row in (*_ROUTING, *_CONDITIONS, *_TRADE, *_GAS, *_APPRAISAL)),
    *(Indicator(name, unit, DOWN, PROBE, "known_answers.csv") for name, unit in _PROBES),
    *(Indicator(f"voc_index_iri_{iri}", "ratio", DOWN, f"truck operating cost at roughness {iri} m/km over 2 m/km",
                "World Bank road user cost curves") for iri in (2, 4, 6, 8, 10, 12, 16, 20)),
)
BY_NAME = {i.name: i for i in INDICATORS}
FROM_RECORD = frozenset({  # these follow from dated records, places and published trade; all others rest on estimates
    "neighbours_of_prk_count", "nearest_large_city_rank_vladivostok", "road_crossings_rus_prk_count",
    "road_crossings_chn_less_rus_count", "first_land_way_year", "consent_prk_open_days_2017_09_2018_05_count",
    "years_from_announcement_to_agreement", "first_works_year_tumen_bridge", "first_road_or_pipeline_year",
    "kor_energy_imports_from_rus_growth_pct", "rus_kor_trade_growth_pct", "rus_council_banzhaf_share_pct",
})


def evidence_of(name: str) -> str:
    """Evidence mark of an indicator's value in words: derived from records, or an estimate; blank for no indicator.

    >>> evidence_of("first_land_way_year"), evidence_of("border_share_of_time_pct"), evidence_of("")
    ('derived', 'estimate', '')
    """
    if not name:
        return ""
    return (Evidence.DERIVED if name in FROM_RECORD else Evidence.ESTIMATE).word


def unit_of(name: str) -> str:
    """Unit of an indicator, blank for one that is not in the table.

    >>> unit_of("eirr_pct")
    '%'
    """
    found = BY_NAME.get(name)
    return found.unit if found else ""
