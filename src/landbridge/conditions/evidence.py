"""Readers of event data: GDELT 2.0 export, ICEWS and POLECAT files, brought to one small table.

Event counts are counts of news reports. They may raise or lower a probability printed beside a gate; they never set
one. Codes stay text, because leading zeros count (CAMEO 014 is not 14). Both dates are kept: when it happened and when
it was reported. Sources: GDELT 2.0 event codebook (2015, 61 tab-separated columns, no header); ICEWS coded event data
on Dataverse (20 tab-separated columns with header); NGEC POLECAT (PLOVER ontology, tab-separated with header).
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from pathlib import Path

import pandas as pd

from landbridge.errors import Fault, StudyFault

GDELT = (
    "GLOBALEVENTID", "SQLDATE", "MonthYear", "Year", "FractionDate", "Actor1Code", "Actor1Name",
    "Actor1CountryCode", "Actor1KnownGroupCode", "Actor1EthnicCode", "Actor1Religion1Code", "Actor1Religion2Code",
    "Actor1Type1Code", "Actor1Type2Code", "Actor1Type3Code", "Actor2Code", "Actor2Name", "Actor2CountryCode",
    "Actor2KnownGroupCode", "Actor2EthnicCode", "Actor2Religion1Code", "Actor2Religion2Code", "Actor2Type1Code",
    "Actor2Type2Code", "Actor2Type3Code", "IsRootEvent", "EventCode", "EventBaseCode", "EventRootCode",
    "QuadClass", "GoldsteinScale", "NumMentions", "NumSources", "NumArticles", "AvgTone", "Actor1Geo_Type",
    "Actor1Geo_FullName", "Actor1Geo_CountryCode", "Actor1Geo_ADM1Code", "Actor1Geo_ADM2Code", "Actor1Geo_Lat",
    "Actor1Geo_Long", "Actor1Geo_FeatureID", "Actor2Geo_Type", "Actor2Geo_FullName", "Actor2Geo_CountryCode",
    "Actor2Geo_ADM1Code", "Actor2Geo_ADM2Code", "Actor2Geo_Lat", "Actor2Geo_Long", "Actor2Geo_FeatureID",
    "ActionGeo_Type", "ActionGeo_FullName", "ActionGeo_CountryCode", "ActionGeo_ADM1Code", "ActionGeo_ADM2Code",
    "ActionGeo_Lat", "ActionGeo_Long", "ActionGeo_FeatureID", "DATEADDED", "SOURCEURL",
)
ICEWS = (
    "Event ID", "Event Date", "Source Name", "Source Sectors", "Source Country", "Event Text", "CAMEO Code",
    "Intensity", "Target Name", "Target Sectors", "Target Country", "Story ID", "Sentence Number", "Publisher", "City",
    "District", "Province", "Country", "Latitude", "Longitude",
)
POLECAT = ("Event ID", "Event Date", "Event Type", "Event Mode", "Event Intensity", "Actor Country",
           "Recipient Country")
COLUMNS = ("event_date", "known_from", "actor", "recipient", "code", "intensity")
_NAMES = {
    "north korea": "PRK", "south korea": "KOR", "russian federation": "RUS", "russia": "RUS", "united states": "USA",
    "china": "CHN", "japan": "JPN",
}


class Format(Enum):
    """The file formats that can be read."""

    GDELT = "GDELT 2.0 export"
    ICEWS = "ICEWS"
    POLECAT = "POLECAT"


def read(path: Path, form: Format) -> pd.DataFrame:
    """Events of one file: event_date, known_from, actor and recipient (ISO-3), code (text), intensity (-10 to 10).

    GDELT keeps root events, one for each pair, day and code. ICEWS event ids repeat, so its key is id and date.
    POLECAT is cut to one row for each event id, pair and type. A file of another shape is a StudyFault.
    """
    if form is Format.GDELT:
        return _gdelt(path)
    frame = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)
    wanted = ICEWS if form is Format.ICEWS else POLECAT
    _require(path, frame, wanted)
    return _icews(frame) if form is Format.ICEWS else _polecat(frame)


def _gdelt(path: Path) -> pd.DataFrame:
    raw = pd.read_csv(path, sep="\t", header=None, dtype=str, keep_default_na=False)
    if raw.shape[1] != len(GDELT):
        allowed = "61 columns without a header (GDELT 2.0)"
        raise StudyFault([Fault(path.name, "row 1", f"{raw.shape[1]} columns", allowed,
                                "GDELT 1.0 files have 58 columns and are not read")])
    raw.columns = pd.Index(GDELT)
    raw = raw[raw["IsRootEvent"] == "1"]
    raw = raw.drop_duplicates(["Actor1CountryCode", "Actor2CountryCode", "SQLDATE", "EventCode"])
    return _frame(
        pd.to_datetime(raw["SQLDATE"], format="%Y%m%d"),
        pd.to_datetime(raw["DATEADDED"].str.slice(0, 8), format="%Y%m%d"),
        raw["Actor1CountryCode"], raw["Actor2CountryCode"], raw["EventCode"], raw["GoldsteinScale"])


def _icews(frame: pd.DataFrame) -> pd.DataFrame:
    frame = frame.drop_duplicates(["Event ID", "Event Date"])
    day = pd.to_datetime(frame["Event Date"], format="%Y-%m-%d")
    return _frame(day, day, _iso(frame["Source Country"]), _iso(frame["Target Country"]), frame["CAMEO Code"],
                  frame["Intensity"])


def _polecat(frame: pd.DataFrame) -> pd.DataFrame:
    frame = frame.drop_duplicates(["Event ID", "Actor Country", "Recipient Country", "Event Type"])
    day = pd.to_datetime(frame["Event Date"], format="%Y-%m-%d")
    known = frame["Publication Date"] if "Publication Date" in frame else frame["Event Date"]
    mode = frame["Event Mode"].where(frame["Event Mode"] == "", ":" + frame["Event Mode"])
    return _frame(day, pd.to_datetime(known, format="%Y-%m-%d"), _iso(frame["Actor Country"]),
                  _iso(frame["Recipient Country"]), frame["Event Type"] + mode, frame["Event Intensity"])


def _frame(
    day: pd.Series, known: pd.Series, actor: pd.Series, recipient: pd.Series, code: pd.Series, intensity: pd.Series
) -> pd.DataFrame:
    columns = dict(zip(COLUMNS, (day, known, actor, recipient, code, pd.to_numeric(intensity)), strict=True))
    return pd.DataFrame(columns).sort_values(["event_date", "actor", "recipient", "code"]).reset_index(drop=True)


def _iso(names: pd.Series) -> pd.Series:
    """ISO-3 where the name is one of the study's or is a code already; the text as it stands where it is neither."""
    return names.map(lambda n: _NAMES.get(str(n).strip().lower(), str(n).strip()))


def _require(path: Path, frame: pd.DataFrame, wanted: Iterable[str]) -> None:
    missing = [c for c in wanted if c not in frame.columns]
    if missing:
        raise StudyFault([Fault(path.name, "row 1", f"column '{c}' is missing", ", ".join(wanted),
                                "is this the right format?") for c in missing])


def monthly(events: pd.DataFrame, dyad: tuple[str, str], as_of: pd.Timestamp | None = None) -> pd.Series:
    """Mean intensity by month between two countries, either way; months without events are missing (NaN).

    Only events known on the as-of date count.
    """
    pair = set(dyad)
    mine = events[[{a, r} == pair for a, r in zip(events["actor"], events["recipient"], strict=True)]]
    if as_of is not None:
        mine = mine[mine["known_from"] <= as_of]
    if mine.empty:
        return pd.Series(dtype=float)
    months = mine.groupby(mine["event_date"].dt.to_period("M"))["intensity"].mean()
    return months.reindex(pd.period_range(months.index.min(), months.index.max(), freq="M"))
