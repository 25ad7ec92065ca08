"""Column names and codes of result tables in words a reader knows; the CSV files keep the names as they are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

import iso3166

from landbridge.tables import SPECIAL_AREAS, country_name

NO_NAMES: Mapping[str, str] = MappingProxyType({})
# the unit that ends or interrupts a column name, longest first
UNITS = {
    "musd_per_year": "million USD a year", "usd_per_kcm": "USD per 1000 m3", "usd_per_mmbtu": "USD/MMBtu",
    "usd_per_teu": "USD/TEU", "pct_per_year": "% a year", "usd_per_t": "USD/t", "per_year": "a year",
    "m_per_s": "m/s", "mt_km": "million t-km", "kteu": "thousand TEU", "musd": "million USD", "percent": "%",
    "months": "months", "years": "years", "days": "days", "bcm": "bcm", "bar": "bar", "pct": "%", "mw": "MW",
    "kt": "kt", "km": "km", "h": "h", "m": "m",
}
WORDS = {
    "enpv": "economic NPV", "fnpv": "financial NPV", "eirr": "economic rate of return", "bcr": "benefit-cost ratio",
    "p5": "P5", "p50": "P50", "p95": "P95", "es95": "mean beyond P95", "lng": "LNG", "hs": "HS", "id": "ID",
    "brier": "Brier score", "banzhaf": "Banzhaf", "shapley": "Shapley", "shubik": "Shubik",
}
CODE_COLUMNS = {
    "party", "party_a", "party_b", "economy", "closed_economy", "partner", "exporter", "importer", "player", "holders",
    "payers", "owners", "from", "to", "country", "countries", "border", "dyad", "actors",
}
NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)+")
CODE = re.compile(r"\b([A-Z]{3}|EU)(GOV|BUS|MIL)?\b")
ID_COLUMNS = {"id", "gate", "crossing", "object", "sets", "opened"}  # shown as they are, beside a name or to look up
RULE = re.compile(r"(==|>=|<=|>|<) (?=-?\d)")
COMPARED = {"==": "exactly", ">=": "at least", "<=": "at most", ">": "more than", "<": "less than"}
SERVICE = {"GOV": "government", "BUS": "business", "MIL": "military"}


def heading(column: str) -> tuple[str, str]:
    """Label and unit of a column, the unit empty where its name holds none.

    >>> heading("enpv_p5_musd"), heading("time_h_before"), heading("gain_KOR_pct")
    (('economic NPV P5', 'million USD'), ('time before', 'h'), ('gain South Korea', '%'))
    """
    unit, rest = "", column
    for suffix, words in UNITS.items():
        found = re.search(rf"_{suffix}(?=_|$)", column)
        if found:
            unit, rest = words, column[: found.start()] + column[found.end() :]
            break
    label = " ".join(WORDS.get(w, w) for w in rest.split("_"))
    return CODE.sub(_area, label), unit


def both_units(derived: str, declared: str) -> str:
    """The unit a table declares, with what the column name adds to it.

    >>> both_units("USD/t", "USD of 2017"), both_units("million USD", "million USD of 2017"), both_units("h", "")
    ('USD/t (USD of 2017)', 'million USD of 2017', 'h')
    """
    if not declared or not derived or derived.split("/")[0].split(" a ")[0] == derived:
        return declared or derived
    same_time = declared.endswith(" a year") and derived.endswith(" a year")
    return declared if same_time else f"{derived} ({declared})"


def cell_words(column: str, text: str, names: Mapping[str, str] = NO_NAMES) -> str:
    """A text cell as words: an id by its name, a country code as the country, `does_not_exist` as "does not exist".

    `names` are the names of ids; only a cell of one id, or of several with "; " between them, is shown by name.

    >>> cell_words("holders", "KOR; PRK"), cell_words("state", "does_not_exist"), cell_words("gate", "G-UNC")
    ('South Korea; North Korea', 'does not exist', 'G-UNC')
    >>> cell_words("from", "khasan", {"khasan": "Khasan"}), cell_words("text", "by khasan", {"khasan": "Khasan"})
    ('Khasan', 'by khasan')
    """
    parts = text.split("; ")
    if column not in ID_COLUMNS and all(p in names for p in parts):
        return "; ".join(names[p] for p in parts)
    if column in CODE_COLUMNS:
        return CODE.sub(_area, text.replace("-", " – ") if column in {"border", "dyad"} else text)
    return text.replace("_", " ") if NAME.fullmatch(text) else text


def rule_words(text: str) -> str:
    """Comparisons with a number in words.

    >>> rule_words("2 parties (wanted >= 3)"), rule_words("== 1")
    ('2 parties (wanted at least 3)', 'exactly 1')
    """
    return RULE.sub(lambda m: COMPARED[m.group(1)] + " ", text)


def _area(match: re.Match[str]) -> str:
    code, service = match.group(1), match.group(2)
    if code not in SPECIAL_AREAS and code not in iso3166.countries_by_alpha3:
        return match.group(0)
    return country_name(code) + (f" ({SERVICE[service]})" if service else "")
