"""Another corridor by tables alone: the railway from Kashgar over the Torugart pass to Andijan, cut from korea.

Places, lengths, hours and capacities of the railway are estimates of public plans: they are here to be run, not read.
"""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path

from mini import cut, write

from landbridge.study import find

ZONES = ("urumqi", "lanzhou", "xian", "chongqing", "shanghai", "almaty", "shymkent", "tashkent", "bishkek", "moscow",
         "warsaw", "duisburg")
CARGOES = ("textiles", "metals", "vehicles")
AREAS = ("CHN", "KGZ", "UZB", "KAZ", "RUS", "DEU", "POL")
AWAY = {"PRK", "KOR", "JPN", "MNG"}
LINES = ("HSR_ZHENG_LANZ", "HSR_LANZ_URUM", "DOSTYK_MOIYNTY", "AYAGOZ_BAKHTY")
WORDS = ("Korea", "PRK", "Busan", "Khasan", "Rajin", "UN Command")  # of the other corridor
MARK = "estimate of this test"
KEPT = ("appraisal_parameters.csv", "capacity_units.csv", "cargo.csv", "choice.csv", "co2.csv", "cost_parameters.csv",
        "crossings.csv", "deflators.csv", "gauges.csv", "links.csv", "modes.csv", "open_borders.csv", "passages.csv",
        "states.csv", "tariffs.csv", "terminals.csv", "trade.csv", "zones.csv")

STUDY = """[study]
study_version = 1
title = "Railway from China over Kyrgyzstan to Uzbekistan"
question = "What changes when the railway over the Torugart pass opens?"
base_year = 2017
price_year = 2017

[report]
before = "today"
after = "railway"
law_date = 2024-06-01
"""
CORRIDOR = """ways = [["kashgar", "andijan", "vehicles"], ["xian", "tashkent", "textiles"]]

[corridor]
parties = ["CHN", "KGZ", "UZB"]
transit = "KGZ"
trade_of = ["CHN", "UZB"]
rival = "KAZ"
start = ["kashgar"]
end = "andijan"
cargo = "vehicles"
hubs = ["tashkent", "moscow", "warsaw", "duisburg"]
consent_gate = "G-TRANSIT"

[corridor.elements]
"Torugart pass" = ["CN-KG-R1"]
"border at Khanabad" = ["KG-UZ-R1"]
"both borders" = ["CN-KG-R1", "KG-UZ-R1"]
"""
# the railway: 1435 mm to Makmal, 1520 mm from there on
LINK = ("id,from_name,from_country,from_lat_deg,from_lon_deg,to_name,to_country,to_lat_deg,to_lon_deg,via,length_km,"
        "gauge_mm")
LINKS = """
CKU_EAST,Kashgar,CHN,39.459,76.035,Torugart,KGZ,40.62,75.30,39.90 75.60; 40.50 75.41,168,1435
CKU_PASS,Torugart,KGZ,40.62,75.30,Makmal,KGZ,41.28,74.08,40.82 74.75,175,1435
CKU_WEST,Makmal,KGZ,41.28,74.08,Jalal-Abad,KGZ,40.93,72.99,,110,1520
CKU_UZB,Jalal-Abad,KGZ,40.93,72.99,Khanabad,UZB,40.803,72.973,,16,1520
"""
ALIKE = {"kind": "new", "mode": "rail", "speed_km_h_low": "40", "speed_km_h_central": "50", "speed_km_h_high": "60",
         "capacity": "15", "capacity_unit": "Mt/yr"}  # of all its links
OWN = {
    "crossings.csv": ("id,name,country_a,country_b,mode,lat_deg,lon_deg,gauge_a_mm,gauge_b_mm,regime,dwell_h_low,"
                      "dwell_h_central,dwell_h_high,fee_usd,capacity,capacity_unit", """
CN-KG-R1,Torugart rail,CHN,KGZ,rail,40.555,75.36,1435,1435,planned,4,12,36,200,15,Mt/yr
KG-UZ-R1,Khanabad rail,KGZ,UZB,rail,40.86,72.98,1520,1520,planned,2,6,24,100,15,Mt/yr
"""),
    "terminals.csv": ("id,name,country,type,lat_deg,lon_deg,modes,handling_h_low,handling_h_central,handling_h_high,"
                      "handling_usd_per_t,handling_usd_per_teu,capacity,capacity_unit", """
MAKMAL,Makmal change of gauge,KGZ,gauge_change,41.28,74.08,rail1435; rail1520,6,24,72,6,120,10,Mt/yr
"""),
    "links.csv": (LINK, LINKS),
    "zones.csv": ("id,name,country,region,lat_deg,lon_deg,population_k,catchment_k,year", """
kashgar,Kashgar,CHN,South Xinjiang,39.467,75.987,700,4500,2024
jalal-abad,Jalal-Abad,KGZ,South Kyrgyzstan,40.933,72.983,120,2500,2024
andijan,Andijan,UZB,Fergana valley,40.783,72.345,460,9000,2024
"""),
    "states.csv": ("object,from_date,known_from,state,text", """
CKU_EAST,1997-01-01,1997-01-01,planned,proposed
CKU_PASS,1997-01-01,1997-01-01,planned,proposed
CKU_WEST,1997-01-01,1997-01-01,planned,proposed
CKU_UZB,1990-01-01,1990-01-01,open,branch line in use
CN-KG-R1,1997-01-01,1997-01-01,planned,proposed
KG-UZ-R1,1990-01-01,1990-01-01,open,in use
MAKMAL,1997-01-01,1997-01-01,planned,proposed
"""),
    "parties.csv": ("id,name,role,areas,color", """
CHN,China,start of the railway,CHN,#CC79A7
KGZ,Kyrgyzstan,transit,KGZ,#A6A6A6
UZB,Uzbekistan,end of the railway,UZB,#0072B2
KAZ,Kazakhstan,owner of the other way,KAZ,#8C6D31
RUS,Russia,market,RUS,#009E73
EU,European Union,market,DEU; POL,#F0E442
"""),
    "nests.csv": ("chain,without,closing,nest,dissimilarity", """
any,,,any,1
land,sea,,land,0.7
rail,sea; road,,land,0.7
road,sea; rail,,land,0.7
not by Kazakhstan,,CN-KZ-R1; CN-KZ-R2; CN-KZ-D1; CN-KZ-D2; CN-KZ-D3,any,1
"""),
    "markets.csv": ("market,one,other", """
China - Uzbekistan,CHN,UZB
China - Europe,CHN,DEU; POL
China - Kyrgyzstan,CHN,KGZ
"""),
    "gateways.csv": ("gateway,objects", """
Torugart by rail,CN-KG-R1
Khorgos and Dostyk,CN-KZ-R1; CN-KZ-R2; CN-KZ-D1
"""),
}
PROJECT = ("id,name,sector,objects,scenarios,state,capex_musd_low,capex_musd_central,capex_musd_high,phasing,"
           "opex_musd_per_year_low,opex_musd_per_year_central,opex_musd_per_year_high,life_years,nontraded_share,"
           "price_year")
WORKS = {
    "projects.csv": (PROJECT, """
cku,The railway,rail,CKU_EAST; CKU_PASS; CKU_WEST,railway,planned,4000,4700,8000,0.3; 0.4; 0.3,20,40,80,60,0.4,2023
"""),
    "project_shares.csv": ("project,role,party,share,year", """
cku,payer,CHN,0.51,2024
cku,payer,KGZ,0.245,2024
cku,payer,UZB,0.245,2024
cku,owner,CHN,0.51,2024
cku,owner,KGZ,0.245,2024
cku,owner,UZB,0.245,2024
"""),
    "party_rates.csv": ("party,rate_pct_low,rate_pct_central,rate_pct_high,year", """
CHN,4,6,8,2024
KGZ,9,12,15,2024
UZB,9,9,12,2024
KAZ,9,9,12,2024
RUS,3,4,7,2024
EU,3,3,5,2024
"""),
}
GATES = {
    "holders.csv": ("id,title,kind,members,votes_needed,veto", """
CHN,China,state,1,1,CHN
KGZ,Kyrgyzstan,state,1,1,KGZ
COMPANY,Company of the three States,company,3,3,CHN;KGZ;UZB
"""),
    "gates.csv": ("id,title,kind,holders,what", """
G-LINE,Railway over the pass,physical,COMPANY,the new line and its border
G-TRANSIT,Transit of trains,consent,KGZ,trains of others on the line
"""),
    "gate_states.csv": ("gate,valid_from,known_from,state,detail", """
G-LINE,1997-01-01,1997-01-01,does_not_exist,proposed
G-TRANSIT,1997-01-01,1997-01-01,closed,not agreed
G-TRANSIT,2024-06-06,2024-06-06,restricted,agreement signed
"""),
    "gate_bindings.csv": ("gate,objects,hs", """
G-LINE,CKU_EAST; CKU_PASS; CKU_WEST; CN-KG-R1; MAKMAL,ALL
G-TRANSIT,CN-KG-R1,ALL
"""),
}
SCENARIO = "scenario,step,attribute,target,value,from_date"
HEADS = """
today,0,base,,Today,2024-06-01
railway,0,base,,Railway over the pass,2024-06-01
"""
BY_GATE = ("G-LINE", "G-TRANSIT")
BY_OBJECT = ("CKU_EAST", "CKU_PASS", "CKU_WEST", "CN-KG-R1", "MAKMAL")
SPARED = {"nests.csv", "markets.csv", "gateways.csv", "co2.csv", "deflators.csv", "appraisal_parameters.csv"}
MARKS = {"gateways.csv": (), "markets.csv": (), "gate_bindings.csv": (), "parties.csv": ("source",)}  # others have both


def make(folder: Path, conditions: bool = True) -> Path:
    """Write the study to a folder; without `conditions` it has no corridor, ways, gates, works; few tables."""
    folder.mkdir()
    for name in KEPT if conditions else sorted({*KEPT} - SPARED):
        shutil.copy(find("korea") / name, folder / name)
    cut(folder / "zones.csv", lambda r: r["id"] in ZONES)
    for r in (zones := rows_of(folder / "zones.csv")):
        r["ports"] = ""
    write(folder / "zones.csv", zones)
    cut(folder / "cargo.csv", lambda r: r["id"] in CARGOES)
    for name, columns in (("crossings.csv", ("country_a", "country_b")),
                          ("modes.csv", ("country",)), ("open_borders.csv", ("country_a", "country_b")),
                          ("tariffs.csv", ("country",)), ("terminals.csv", ("country",))):
        cut(folder / name, lambda r, columns=columns: not AWAY & {r[c] for c in columns})
    cut(folder / "links.csv", lambda r: r["id"] in LINES)
    cut(folder / "tariffs.csv", lambda r: r["tariff_set"] == "base2017")
    ids = {r["id"] for name in ("crossings.csv", "links.csv", "terminals.csv", "open_borders.csv", "passages.csv")
           for r in rows_of(folder / name)}
    cut(folder / "states.csv", lambda r: r["object"] in ids)
    wanted = {**OWN, **GATES, **WORKS} if conditions else {k: v for k, v in OWN.items() if k not in SPARED}
    for name, (columns, text) in wanted.items():
        append(folder / name, columns, text)
    trade(folder)
    edits = "".join(f"railway,{i},state,{target},open,2024-06-01\n"
                    for i, target in enumerate(BY_GATE if conditions else BY_OBJECT, start=1))
    append(folder / "scenarios.csv", SCENARIO, HEADS + edits)
    for path in folder.glob("*.csv"):
        unsaid(path)
    (folder / "study.toml").write_text(STUDY + (CORRIDOR if conditions else ""), encoding="utf-8")
    return folder


def rows_of(path: Path) -> list[dict[str, str]]:
    """Rows of a table."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def append(path: Path, columns: str, text: str) -> None:
    """Rows of our own at the end of a table, or as a new one, marked as estimates where the table has marks."""
    both = {"source": MARK, "evidence": "E"}
    marks = {name: both[name] for name in MARKS.get(path.name, both)}
    own = [{**r, **marks} for r in csv.DictReader(io.StringIO(columns + text))]
    if path.name == "links.csv":
        own = [{**r, **ALIKE, "name": f"{r['from_name']} - {r['to_name']}"} for r in own]
    old = rows_of(path) if path.exists() else []
    heads = list(old[0] if old else own[0])
    write(path, [{h: r.get(h, "") for h in heads} for r in (*old, *own)])


def trade(folder: Path) -> None:
    """Trade among the areas; a tenth of what the rest of Europe trades stands for Poland. Split by catchments."""
    def area(code: str) -> str:
        return "POL" if code == "ROE" else code

    rows = []
    for r in rows_of(folder / "trade.csv"):
        ends = area(r["exporter"]), area(r["importer"])
        if r["cargo"] in CARGOES and set(ends) <= set(AREAS) and not r["via"]:
            part = 0.1 if "POL" in ends else 1.0
            money, mass = (repr(part * float(r[c])) for c in ("value_musd", "mass_kt"))
            rows.append({**r, "exporter": ends[0], "importer": ends[1], "value_musd": money, "mass_kt": mass,
                         "method": MARK, "source": MARK})
    write(folder / "trade.csv", rows)
    zones = rows_of(folder / "zones.csv")
    people = {a: sum(float(z["catchment_k"]) for z in zones if z["country"] == a) for a in AREAS}
    write(folder / "zone_shares.csv", [
        {"area": z["country"], "partner": "*", "cargo": "*", "direction": "both", "zone": z["id"],
         "share": repr(float(z["catchment_k"]) / people[z["country"]]), "source": MARK, "year": "2024", "evidence": "E"}
        for z in zones])


def unsaid(path: Path) -> None:
    """A source or note that speaks of the other corridor is no source of this one."""
    rows = rows_of(path)
    for r in rows:
        for column in r:
            if column in {"source", "note", "text"} and any(word in r[column] for word in WORDS):
                r[column] = MARK
    write(path, rows)


