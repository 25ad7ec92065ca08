"""The demand tables of the bundled study: complete, consistent, sourced; and what a broken copy says."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landbridge import study, tables
from landbridge.errors import Fault, StudyFault
from landbridge.schema import config_checks, demand, demand_checks
from landbridge.schema.demand import (
    Cargo,
    Claim,
    Direction,
    KnownAnswer,
    ModeSpeed,
    Tariff,
    Trade,
    Zone,
    ZoneShare,
)
from landbridge.schema.split import zone_flows, zone_split
from landbridge.tables import Evidence

KOREA = study.bundled()["korea"]
TOOLS = Path(__file__).resolve().parents[1] / "tools"
Rows = Mapping[type[tables.Row], tuple[tables.Row, ...]]
R = TypeVar("R", bound=tables.Row)


@pytest.fixture(scope="module")
def rows() -> Rows:
    """The demand tables of the bundled study, read alone."""
    faults: list[Fault] = []
    found = {t.model: tables.read_rows(KOREA / t.file, t.model, faults, t.key) for t in demand.TABLES}
    assert faults == []
    return found


def of(rows: Rows, model: type[R]) -> tuple[R, ...]:
    return tuple(r for r in rows[model] if isinstance(r, model))


# --- what stands in the tables -------------------------------------------------------------------------------------


def test_study_reads_whole() -> None:
    korea = study.read("korea")
    assert len(korea.rows(Zone)) >= 60
    zones, cargo = {z.id for z in korea.rows(Zone)}, {c.id for c in korea.rows(Cargo)}
    assert {"busan", "moscow", "vladivostok", "rajin"} <= zones and {"machinery", "coal"} <= cargo
    assert "trade.csv" in korea.digests
    config = korea.config
    assert len(config.report.ways) == 3 and config_checks.check(config, korea.tables) == []
    report = config.report.model_copy(update={"after": "coridor", "ways": (("busan", "moskow", "machines"),)})
    assert config.corridor is not None
    about = config.corridor.model_copy(update={"hubs": ("almatty",), "base": "2017", "cargo": "", "road_gate": "G-RAOD",
                                               "elements": {"bridge": ("KP-RU-X1",)}, "road_element": "brigde"})
    found = [f.found for f in config_checks.check(config.model_copy(update={"report": report, "corridor": about}),
                                                  korea.tables)]
    wrong = ("coridor", "moskow", "machines", "almatty", "2017", "G-RAOD", "brigde", "KP-RU-X1")
    assert found == [f"'{name}' is not declared" for name in wrong]


def test_tables_agree(rows: Rows) -> None:
    """Terminals and scenarios belong to other rooms and are checked by the read of the whole study."""
    faults = [f for f in demand_checks.check(rows) if "terminals.csv" not in f.allowed]
    assert faults == []


def test_every_row_has_source_and_evidence(rows: Rows) -> None:
    for model, found in rows.items():
        assert "source" in model.model_fields, model
        for row in found:
            assert len(str(dict(row)["source"])) > 3, row
    without = {m.__name__ for m in rows if "evidence" not in m.model_fields}
    assert without == {"Party"}  # names and roles, no number


def test_zones_cover_the_region(rows: Rows) -> None:
    zones = {z.id: z for z in of(rows, Zone)}
    count = Counter(z.country for z in zones.values())
    provinces = "rajin chongjin hyesan kanggye hamhung wonsan sinuiju pyongsong pyongyang nampo sariwon haeju kaesong"
    assert {zones[z].country for z in provinces.split()} == {"PRK"}
    east = [z.id for z in zones.values() if z.country == "RUS" and z.lon_deg > 65]
    west = [z.id for z in zones.values() if z.country == "RUS" and z.lon_deg <= 65]
    northeast = [z.id for z in zones.values() if z.country == "CHN" and z.lat_deg > 38.5 and z.lon_deg > 117.4]
    assert count["KOR"] >= 8 and len(east) >= 8 and len(west) >= 6 and len(northeast) >= 8
    assert count["CHN"] - len(northeast) >= 8 and count["JPN"] >= 3 and count["MNG"] >= 1
    assert count["KAZ"] >= 2 and count["UZB"] + count["KGZ"] >= 1
    assert sum(count[c] for c in ("DEU", "NLD", "FRA", "POL", "FIN", "HUN", "ITA", "GRC")) >= 6
    # people of the towns, against the country totals of economies.csv (thousand, 2017): towns are a part of all
    for area, people in {"PRK": 25_491, "KOR": 51_466, "RUS": 144_495, "MNG": 3_076, "KAZ": 18_038}.items():
        assert 0.4 * people < sum(z.catchment_k for z in zones.values() if z.country == area) < 1.1 * people


def test_cargo_headings_are_disjoint(rows: Rows) -> None:
    codes = sorted(code for c in of(rows, Cargo) for code in c.hs)
    assert {"coal", "machinery"} <= {c.id for c in of(rows, Cargo)}
    assert len(codes) == len(set(codes))
    assert not any(later.startswith(earlier) for earlier, later in pairwise(codes))


# published totals of 2017 in million USD and the side that reported them
TOTALS = {
    ("RUS", "CHN"): 38932.476, ("CHN", "RUS"): 43321.243, ("RUS", "KOR"): 12434.725, ("KOR", "RUS"): 6693.933,
    ("RUS", "PRK"): 74.2, ("PRK", "RUS"): 3.7, ("CHN", "PRK"): 3340, ("PRK", "CHN"): 1650.67,
    ("KOR", "CHN"): 141181.121, ("CHN", "KOR"): 103042.091, ("RUS", "JPN"): 10623.964, ("JPN", "RUS"): 6011.887,
    ("RUS", "DEU"): 25368.803, ("DEU", "RUS"): 29173.595, ("KOR", "DEU"): 8215.308, ("DEU", "KOR"): 20339.361,
    ("RUS", "ROE"): 163806.5 - 32231.937, ("CHN", "ROE"): 423072.65 - 81816.579, ("MNG", "CHN"): 5307,
    ("KOR", "ROE"): 58405.49 - 10811.587, ("KAZ", "RUS"): 4903, ("RUS", "KAZ"): 12324, ("MNG", "PRK"): 1.92,
}


def test_pair_totals_are_the_sourced_ones(rows: Rows) -> None:
    total: dict[tuple[str, str], float] = defaultdict(float)
    for t in of(rows, Trade):
        total[t.exporter, t.importer] += t.value_musd
    for pair, published in TOTALS.items():
        assert total[pair] == pytest.approx(published, rel=5e-5, abs=2e-3), pair
    areas = ("RUS", "KOR", "CHN", "JPN", "MNG", "KAZ", "DEU", "ROE")
    assert all(total[a, b] > 0 for a in areas for b in areas if a != b)
    assert ("JPN", "PRK") not in total and ("PRK", "KOR") not in total  # embargoes in force


def test_tonnes_agree_with_what_was_counted(rows: Rows) -> None:
    mass: dict[tuple[str, str, str], float] = defaultdict(float)
    for t in of(rows, Trade):
        mass[t.exporter, t.importer, t.cargo] += t.mass_kt
    assert mass["RUS", "CHN", "coal"] == pytest.approx(25_300)  # Chinese customs
    assert mass["MNG", "CHN", "coal"] == pytest.approx(33_580)  # Chinese customs
    assert mass["PRK", "CHN", "coal"] == pytest.approx(4_827.9, rel=1e-4)  # UN committee, Chinese customs
    rajin = sum(t.mass_kt for t in of(rows, Trade) if t.via == "RAJIN")
    khasan = rajin + sum(m for (e, i, _), m in mass.items() if {e, i} == {"RUS", "PRK"})
    assert 2_000 <= khasan <= 2_500  # reported for the railway in 2017
    assert 0.5 < rajin / khasan < 0.95  # mostly coal in transit


def test_counted_tonnes_fit_the_value_density(rows: Rows) -> None:
    density = {c.id: (c.value_usd_per_t_low, c.value_usd_per_t_high) for c in of(rows, Cargo)}
    for t in of(rows, Trade):
        low, high = density[t.cargo]
        assert low <= t.value_musd / t.mass_kt * 1000 <= high, t


def test_evidence_of_trade_is_honest(rows: Rows) -> None:
    for t in of(rows, Trade):
        assert t.evidence is Evidence.weakest([t.value_evidence, t.mass_evidence])
        if "cargo.csv" in t.method or "own estimate" in t.method.split(" by pipe:")[0]:
            assert t.evidence is Evidence.ESTIMATE, t.method


def test_zone_split_takes_the_most_special_rows() -> None:
    def share(partner: str, cargo: str, direction: str, zone: str, part: float) -> ZoneShare:
        return ZoneShare(area="RUS", partner=partner, cargo=cargo, direction=Direction(direction), zone=zone,
                         share=part, source="made up", year=2017, evidence=Evidence.ESTIMATE)

    table = [share("*", "*", "both", "moscow", 1.0), share("PRK", "*", "both", "khasan", 1.0),
             share("*", "coal", "export", "kemerovo", 0.75), share("*", "coal", "export", "chita", 0.25),
             share("PRK", "oil", "export", "nakhodka", 1.0)]
    assert zone_split(table, "RUS", "KOR", "food", Direction.IMPORT) == {"moscow": 1.0}
    assert zone_split(table, "RUS", "PRK", "food", Direction.EXPORT) == {"khasan": 1.0}
    assert zone_split(table, "RUS", "PRK", "coal", Direction.EXPORT) == {"kemerovo": 0.75, "chita": 0.25}
    assert zone_split(table, "RUS", "PRK", "coal", Direction.IMPORT) == {"khasan": 1.0}
    assert zone_split(table, "RUS", "PRK", "oil", Direction.EXPORT) == {"nakhodka": 1.0}
    assert zone_split(table, "RUS", "KOR", "oil", Direction.EXPORT) == {"moscow": 1.0}
    assert zone_split(table, "CHN", "KOR", "oil", Direction.EXPORT) == {}


def test_zone_flows_keep_money_and_tonnes(rows: Rows) -> None:
    trade = [t for t in of(rows, Trade) if "PRK" in (t.exporter, t.importer) or t.via]
    flows = zone_flows(trade, of(rows, ZoneShare))
    assert sum(f.value_musd for f in flows) == pytest.approx(sum(t.value_musd for t in trade), rel=1e-6)
    assert sum(f.mass_kt for f in flows) == pytest.approx(sum(t.mass_kt * t.network_share for t in trade), rel=1e-6)
    assert {f.origin for f in flows if f.via == "RAJIN"} >= {"kemerovo"}
    assert all(f.evidence is Evidence.ESTIMATE for f in flows)  # the split to zones is an estimate


@settings(max_examples=30, deadline=None)
@given(weights=st.lists(st.floats(0.01, 1), min_size=1, max_size=5), value=st.floats(0, 1e5))
def test_zone_flows_conserve_any_split(weights: list[float], value: float) -> None:
    shares = [ZoneShare(area=a, partner="*", cargo="*", direction=Direction.BOTH, zone=f"{a.lower()}{i}",
                        share=w / sum(weights), source="made up", year=2017, evidence=Evidence.DERIVED)
              for a in ("RUS", "KOR") for i, w in enumerate(weights)]
    row = Trade(exporter="RUS", importer="KOR", cargo="coal", value_musd=value, mass_kt=value / 2, network_share=0.5,
                source="made up", year=2017, evidence=Evidence.DERIVED, value_evidence=Evidence.PUBLISHED,
                mass_evidence=Evidence.DERIVED, method="made up")
    flows = zone_flows([row], shares)
    assert sum(f.value_musd for f in flows) == pytest.approx(value)
    assert sum(f.mass_kt for f in flows) == pytest.approx(value / 4)


# --- prices --------------------------------------------------------------------------------------------------------


def tariff(rows: Rows, name: str, mode: str, country: str = "*") -> float:
    """Central container charge, USD per tonne and km."""
    return next(t.tariff_usd_per_t_km_central for t in of(rows, Tariff)
                if (t.tariff_set, t.mode, t.country, t.form) == (name, mode, country, "container"))


def test_base_tariffs_follow_their_parameters(rows: Rows) -> None:
    # 0.53 USD per FEU-km of 2023, 24 t to the FEU, at prices of 2017; 935 km a day
    assert tariff(rows, "base2017", "rail", "RUS") == pytest.approx(0.53 / 24 / 1.2431, rel=1e-3)
    assert tariff(rows, "base2017", "sea") == pytest.approx(0.10 / 24 / 1.2431, rel=1e-3)
    assert tariff(rows, "base2017", "road") == pytest.approx(1.80 / 20)
    assert tariff(rows, "y2004", "road") == pytest.approx(1.80 / 20 * 0.7706, rel=1e-3)
    speed = {(m.mode.value, m.country, m.form.value): m.speed_km_h_central for m in of(rows, ModeSpeed)}
    assert speed["rail", "RUS", "container"] == pytest.approx(935 / 24, rel=1e-3)
    assert speed["sea", "*", "container"] == pytest.approx(16 * 1.852, rel=1e-3)


def access(rows: Rows, name: str, mode: str, country: str = "*") -> float:
    """Central container charge at both ends together, USD per tonne."""
    return 2 * next(t.access_usd_per_t_central for t in of(rows, Tariff)
                    if (t.tariff_set, t.mode, t.country, t.form) == (name, mode, country, "container"))


def door_to_door(rows: Rows, name: str, payload_t: float, sea_km: float, rail_km: float, truck_km: float) -> float:
    """USD per box: charges by distance and access of each mode used, and terminals at 120 and 225 USD per TEU."""
    sea = sea_km * tariff(rows, name, "sea") + access(rows, name, "sea")
    rail = rail_km * tariff(rows, name, "rail", "RUS") + access(rows, name, "rail", "RUS") if rail_km else 0.0
    truck = truck_km * tariff(rows, name, "road") + access(rows, name, "road") if truck_km else 0.0
    return payload_t * (sea + rail + truck + (120 + 225) / 12)


def test_tariffs_of_2004_carry_both_verdicts(rows: Rows) -> None:
    """The published totals of one year contradict each other; charges alone must carry both."""
    rail = door_to_door(rows, "y2004", 12, sea_km=966, rail_km=9314, truck_km=0)
    sea = door_to_door(rows, "y2004", 12, sea_km=22_300, rail_km=0, truck_km=700)
    assert 2700 <= rail <= 2800 and sea == pytest.approx(3800, rel=0.02)
    rail = door_to_door(rows, "y2004-carriers", 24, sea_km=966, rail_km=9713, truck_km=0)
    sea = door_to_door(rows, "y2004-carriers", 24, sea_km=22_500, rail_km=0, truck_km=0)
    assert 4700 <= rail <= 5100 and sea == pytest.approx(3600, rel=0.02)


def test_tariffs_of_2018_meet_a_quote_they_were_not_made_from(rows: Rows) -> None:
    """Charges of Shanghai-Hamburg, held against the ratio published for Busan-Saint Petersburg (K07)."""
    rail = door_to_door(rows, "y2018", 24, sea_km=930, rail_km=9900, truck_km=0)
    sea = door_to_door(rows, "y2018", 24, sea_km=22_700, rail_km=0, truck_km=0)
    ratio = next(k for k in of(rows, KnownAnswer) if k.id == "K07")
    assert ratio.use is demand.Use.CHECK and ratio.holds(rail / sea)


def test_every_tariff_set_is_whole(rows: Rows) -> None:
    keys: dict[str, set[tuple[str, str, str]]] = defaultdict(set)
    for t in of(rows, Tariff):
        keys[t.tariff_set].add((t.mode.value, t.country, t.form.value))
    assert set(keys) == {"base2017", "y2018", "y2004", "y2004-carriers"}
    assert all(k == keys["base2017"] for k in keys.values())


# --- claims and known answers --------------------------------------------------------------------------------------


def test_every_statement_has_a_rule_or_a_reason(rows: Rows) -> None:
    claims = {c.id: c for c in of(rows, Claim)}
    letters = {"Y": 13, "A": 17, "E": 15, "C": 19, "K": 15}
    expected = [f"{letter}{n}" for letter, top in letters.items() for n in range(1, top + 1)]
    assert set(expected) <= set(claims)
    assert all(len(c.reason) > 8 for c in claims.values())
    tested = {c.id for c in claims.values() if c.indicator}
    assert tested >= {"K5", "K6", "C10", "C7", "C17", "C19", "C13", "K15", "K2", "K11", "K12"}
    assert {c.id for c in claims.values() if c.headline} >= {"K5", "K6", "C10", "C13", "K12"}
    assert all(re.fullmatch(r"[a-z0-9_]+", claims[c].indicator) for c in tested)


def test_claims_cover_the_facts_in_our_own_words(rows: Rows, shared: Path) -> None:
    with (shared / "facts" / "article_claims.csv").open(encoding="utf-8") as file:
        facts = {r["id"] for r in csv.DictReader(file)}
    assert facts <= {c.id for c in of(rows, Claim)}
    article = next((shared / "facts").glob("article_*.txt")).read_text(encoding="utf-8")
    words = re.findall(r"[a-z0-9]+", article.lower())
    runs = {tuple(words[i:i + 6]) for i in range(len(words) - 5)}
    for claim in of(rows, Claim):
        own = re.findall(r"[a-z0-9]+", claim.statement.lower())
        assert not runs & {tuple(own[i:i + 6]) for i in range(len(own) - 5)}, claim.statement


def test_known_answers_cover_the_facts(rows: Rows, shared: Path) -> None:
    with (shared / "facts" / "known_answers.csv").open(encoding="utf-8") as file:
        facts = {r["id"] for r in csv.DictReader(file)}
    assert facts <= {k.id[:3] for k in of(rows, KnownAnswer)}


def test_known_answer_holds_within_its_tolerance(rows: Rows) -> None:
    known = {k.id: k for k in of(rows, KnownAnswer)}
    assert known["K01a"].holds(9314 * 1.019) and not known["K01a"].holds(9314 * 1.021)
    assert known["K04a"].holds(-11) and known["K04a"].holds(-6) and not known["K04a"].holds(-5.9)
    assert known["K04b"].holds(-300) and not known["K04b"].holds(-301)
    assert known["K07"].holds(1.54) and not known["K07"].holds(2.0)
    assert known["K16d"].holds(-5.8823) and not known["K16d"].holds(-5.89)


# --- a broken copy says everything at once -------------------------------------------------------------------------


def broken(tmp_path: Path, **edits: tuple[str, str]) -> Path:
    """A copy of the bundled study with one text replaced in each file named (dots written as two underscores)."""
    folder = tmp_path / "mine"
    if not folder.exists():
        shutil.copytree(KOREA, folder)
    for name, (old, new) in edits.items():
        path = folder / name.replace("__", ".")
        text = path.read_text(encoding="utf-8")
        assert old in text, (name, old)
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder


def faults_of(folder: Path) -> list[Fault]:
    with pytest.raises(StudyFault) as caught:
        study.read(str(folder))
    return list(caught.value.faults)


def test_all_faults_at_once(tmp_path: Path) -> None:
    folder = broken(
        tmp_path,
        study__toml=("payload_t_per_teu", "payload_t_per_tue"),
        cargo__csv=(",form,", ",shape,"),
        tariffs__csv=("tariff_usd_per_t_km_central", "tariff_usd_per_t_mile_central"),
        zones__csv=("rajin,Rajin (Rason),PRK", "rajin,Rajin (Rason),NKR"),
        known_answers__csv=("km,9314,9314", "km,9314 km,9314"),
    )
    modes = (folder / "modes.csv").read_text(encoding="utf-8").splitlines()
    modes[2] = modes[2].replace(",12,24,48,", ",-12,24,48,")
    (folder / "modes.csv").write_text("\n".join(modes) + "\n", encoding="utf-8")
    parties = (folder / "parties.csv").read_text(encoding="utf-8").splitlines()[0]
    (folder / "parties.csv").write_text(parties + "\n", encoding="utf-8")
    (folder / "deflators.csv").write_text("", encoding="utf-8")
    trade = (folder / "trade.csv").read_text(encoding="utf-8").splitlines()
    (folder / "trade.csv").write_text("\n".join(trade[:10]) + "\n" + trade[10][:25], encoding="utf-8")
    (folder / "zone_shares.csv").unlink()
    found = {(f.file, f.where): f for f in faults_of(folder)}
    key = found["study.toml", "line 13, key cost.payload_t_per_tue"]
    assert "payload_t_per_teu" in key.allowed and "did you mean" in key.cure
    assert "'shape'" in found["cargo.csv", "row 1, column 4"].found
    unit = next(f for f in found.values() if "t_mile" in f.found)
    assert unit.file == "tariffs.csv" and "tariff_usd_per_t_km_central" in unit.cure
    assert "NKR" in found["zones.csv", "row 2, column country"].found
    assert "ISO 3166" in found["zones.csv", "row 2, column country"].allowed
    assert found["modes.csv", "row 3, column access_h_low"].allowed == "≥ 0.0"
    assert "no rows" in found["parties.csv", "row 2"].found
    assert "empty" in found["deflators.csv", "row 1"].found
    assert "cut off" in found["trade.csv", "row 11"].cure
    assert "a number" in found["known_answers.csv", "row 2, column published_low"].allowed
    assert found["zone_shares.csv", "file"].found == "missing"
    assert all(f.cure and f.allowed for f in found.values())


@pytest.mark.parametrize(("edits", "word"), [
    ({"zone_shares__csv": ("PRK,*,coal,export,pyongsong,0.65", "PRK,*,coal,export,pyongsong,0.6")}, "sum to 0.95"),
    ({"zone_shares__csv": ("RUS,*,coal,export,kemerovo", "RUS,*,coal,export,kuzbass")}, "'kuzbass'"),
    ({"trade__csv": ("RUS,PRK,coal,", "RUS,PRK,cole,")}, "'cole'"),
    ({"tariffs__csv": ("rail_block_feukm_1520", "rail_block_1520")}, "'rail_block_1520'"),
    ({"known_answers__csv": (",y2018,", ",y2019,")}, "'y2019'"),
    ({"parties__csv": (",RUS,#", ",RUZ,#")}, "'RUZ'"),
    ({"modes__csv": ("sea,*,bulk", "sea,JPN,bulk")}, "no row with country *"),
])
def test_names_and_sums_between_tables(tmp_path: Path, edits: dict[str, tuple[str, str]], word: str) -> None:
    folder = broken(tmp_path, **edits)
    faults: list[Fault] = []
    rows = {t.model: tables.read_rows(folder / t.file, t.model, faults, t.key) for t in demand.TABLES}
    assert faults == []
    assert any(word in f.found for f in demand_checks.check(rows)), word


@pytest.mark.parametrize(("edits", "word"), [
    ({"cargo__csv": (",60,85,120,", ",90,85,120,")}, "not in order"),
    ({"cargo__csv": ("2701; 2702", "270; 2702")}, "HS code '270'"),
    ({"claims__csv": (",==,1,", ",,1,")}, "together"),
    ({"trade__csv": (",2017,E,E,E,", ",2017,D,E,E,")}, "weaker mark"),
    ({"known_answers__csv": ("9314,9314", "9315,9314")}, "published_low"),
    ({"zones__csv": ("chongjin,Chongjin", "rajin,Chongjin")}, "twice"),
])
def test_rows_that_contradict_themselves(tmp_path: Path, edits: dict[str, tuple[str, str]], word: str) -> None:
    found = faults_of(broken(tmp_path, **edits))
    assert any(word in f.found + f.allowed for f in found), found


# --- the tables follow from their sources --------------------------------------------------------------------------


@pytest.mark.shared
def test_build_scripts_give_the_committed_tables(tmp_path: Path, shared: Path) -> None:
    folder = tmp_path / "korea"
    folder.mkdir()
    for name in ("zones.csv", "cargo.csv", "deflators.csv"):
        shutil.copy(KOREA / name, folder / name)
    matrix = shared / "testdata" / "trade" / "wits2009" / "WITS_Trade2009_harmonized_flows.csv"
    for script, arguments in (("build_costs.py", [shared / "facts", folder]),
                              ("build_trade.py", [shared / "facts", matrix, folder]),
                              ("build_zone_shares.py", [folder]),
                              ("build_volumes.py", [shared / "facts", folder])):
        subprocess.run([sys.executable, str(TOOLS / script), *map(str, arguments)], check=True, capture_output=True)
    for name in ("cost_parameters.csv", "modes.csv", "tariffs.csv", "trade.csv", "zone_shares.csv",
                 "observed_volumes.csv"):
        assert (folder / name).read_bytes() == (KOREA / name).read_bytes(), name
