"""Declared tables: a pydantic row model says which columns a CSV has, with unit and range.

A row model is declared once in `landbridge.schema`; reading, the fault messages, the template of a new study
and the reference page are all made from it. Units stand in the column names.
"""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeVar

import iso3166
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from landbridge.errors import Fault


class Evidence(StrEnum):
    """How well a number is known; the weakest mark of a chain stands for the chain."""

    PUBLISHED = "V"  # seen in a source
    DERIVED = "D"  # computed from seen figures
    MEMORY = "M"  # from memory, not yet checked against a source
    ESTIMATE = "E"  # our estimate

    @property
    def word(self) -> str:
        """The mark as it is printed beside a number."""
        return {"V": "published", "D": "derived", "M": "unchecked", "E": "estimate"}[self.value]

    @staticmethod
    def weakest(marks: Iterable[Evidence]) -> Evidence:
        """The weakest of some marks.

        >>> Evidence.weakest([Evidence.PUBLISHED, Evidence.ESTIMATE]).word
        'estimate'
        """
        return max(marks, key="VDME".index)


SPECIAL_AREAS = {"EU": "European Union", "WLD": "World", "ROE": "Rest of Europe", "ROW": "Rest of the world"}


def country_name(iso3: str) -> str:
    """Short English name of an ISO-3 code or of one of the special areas.

    >>> country_name("MNG")
    'Mongolia'
    """
    short = {
        "PRK": "North Korea",
        "KOR": "South Korea",
        "RUS": "Russia",
        "IRN": "Iran",
        "VNM": "Viet Nam",
        "GBR": "United Kingdom",
        "USA": "United States",
        "NLD": "Netherlands",
    }
    if iso3 in short:
        return short[iso3]
    return SPECIAL_AREAS.get(iso3) or iso3166.countries_by_alpha3[iso3].name


def _is_country(code: str) -> str:
    if code not in iso3166.countries_by_alpha3 and code not in SPECIAL_AREAS:
        raise ValueError("unknown country")
    return code


def _blank_is_none(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


def _split(value: object) -> object:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(";") if part.strip())
    return value


def _no_dash(value: object) -> object:
    return None if isinstance(value, str) and value.strip() in {"", "-"} else value


Country = Annotated[str, AfterValidator(_is_country)]
Text = Annotated[str, Field(min_length=1)]
Latitude = Annotated[float, Field(ge=-90, le=90, json_schema_extra={"unit": "degrees north"})]
Longitude = Annotated[float, Field(ge=-180, le=180, json_schema_extra={"unit": "degrees east"})]
NonNegative = Annotated[float, Field(ge=0)]
Positive = Annotated[float, Field(gt=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Names = Annotated[tuple[str, ...], BeforeValidator(_split)]  # "a; b" in the CSV
OptionalFloat = Annotated[float | None, BeforeValidator(_no_dash)]
OptionalNonNegative = Annotated[float | None, Field(ge=0), BeforeValidator(_no_dash)]
OptionalDate = Annotated[date | None, BeforeValidator(_blank_is_none)]


class Row(BaseModel):
    """Base of all row models: frozen, no extra columns, blank text stays blank."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


R = TypeVar("R", bound=Row)


@dataclass(frozen=True)
class Table:
    """A declared table of the study: its file, its row model, whether a study may leave it out, and its key."""

    file: str
    model: type[Row]
    required: bool
    what: str
    key: tuple[str, ...] = ()


def read_rows(path: Path, model: type[R], faults: list[Fault], key: Sequence[str] = ()) -> tuple[R, ...]:
    """Rows of one CSV, validated; everything wrong is appended to `faults` and the good rows are returned.

    Row numbers are those a spreadsheet shows: the header is row 1.
    """
    name = path.name
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        faults.append(Fault(name, f"byte {error.start}", "not UTF-8 text", "UTF-8", "save the file as UTF-8 CSV"))
        return ()
    lines = list(csv.reader(io.StringIO(text)))
    if not lines:
        faults.append(Fault(name, "row 1", "the file is empty", "a header row", f"start with: {header(model)}"))
        return ()
    columns = [c.strip() for c in lines[0]]
    before = len(faults)
    _check_header(name, columns, model, faults)
    if len(faults) > before:
        return ()
    rows: list[R] = []
    for number, values in enumerate(lines[1:], start=2):
        if not any(v.strip() for v in values):
            continue
        if len(values) != len(columns):
            faults.append(
                Fault(
                    name,
                    f"row {number}",
                    f"{len(values)} values",
                    f"{len(columns)}, one for each column",
                    "the row is cut off or a text with commas lacks its quotes",
                )
            )
            continue
        given = {c: v for c, v in zip(columns, values, strict=True) if v.strip() != "" or _accepts_blank(model, c)}
        try:
            rows.append(model.model_validate(given))
        except ValidationError as error:
            faults.extend(fault_of(e, name, f"row {number}", model) for e in error.errors())
    if not rows and len(faults) == before:
        faults.append(
            Fault(name, "row 2", "the table has no rows", "one row at least", "add a row or delete the file")
        )
    _check_key(name, rows, key, faults)
    return tuple(rows)


def header(model: type[Row]) -> str:
    """The header line of the model's CSV."""
    return ",".join(model.model_fields)


def _accepts_blank(model: type[Row], column: str) -> bool:
    field = model.model_fields[column]
    return field.annotation is str and not field.is_required() and field.default == ""


def _check_header(name: str, columns: list[str], model: type[Row], faults: list[Fault]) -> None:
    known = list(model.model_fields)
    for position, column in enumerate(columns, start=1):
        if column not in known:
            near = difflib.get_close_matches(column, known, n=1, cutoff=0.5)
            cure = f"did you mean '{near[0]}'? Units are part of the name" if near else "remove or rename the column"
            faults.append(
                Fault(name, f"row 1, column {position}", f"unknown column '{column}'", ", ".join(known), cure)
            )
        elif columns.index(column) != position - 1:
            faults.append(
                Fault(
                    name,
                    f"row 1, column {position}",
                    f"column '{column}' twice",
                    "each column once",
                    "remove one of them",
                )
            )
    for column, field in model.model_fields.items():
        if field.is_required() and column not in columns:
            faults.append(
                Fault(
                    name,
                    "row 1",
                    f"column '{column}' is missing",
                    ", ".join(known),
                    f"add the column '{column}'" + (f": {field.description}" if field.description else ""),
                )
            )


def _check_key(name: str, rows: Sequence[Row], key: Sequence[str], faults: list[Fault]) -> None:
    seen: set[tuple[Any, ...]] = set()
    for row in rows if key else ():
        value = tuple(getattr(row, k) for k in key)
        if value in seen:
            shown = ", ".join(str(v) for v in value)
            faults.append(
                Fault(name, f"{'/'.join(key)} {shown}", "twice in the table", "each key once", "remove one row")
            )
        seen.add(value)


def fault_of(error: ErrorDetails, file: str, where: str, model: type[BaseModel] | None = None) -> Fault:
    """One pydantic error as a Fault, with the range and the cure in plain words."""
    column = ".".join(str(p) for p in error["loc"] if not (isinstance(p, str) and p.startswith("function-")))
    place = f"{where}, column {column}" if where.startswith("row") else f"{where} {column}".strip()
    kind, context = error["type"], error.get("ctx", {})
    found = repr(error.get("input")) if kind != "missing" else "nothing"
    allowed, cure = error["msg"], f"correct '{column}'"
    if kind == "missing":
        allowed, cure = "a value", f"fill in '{column}'"
    elif kind == "extra_forbidden":
        known = list(model.model_fields) if model else []
        near = difflib.get_close_matches(column.rsplit(".", 1)[-1], known, n=1, cutoff=0.5)
        found, allowed = f"unknown key '{column}'", ", ".join(known) or "only the documented keys"
        cure = f"did you mean '{near[0]}'?" if near else "remove it"
    elif kind in {"greater_than_equal", "greater_than", "less_than_equal", "less_than"}:
        bound = next(iter(context.values()))
        sign = {"greater_than_equal": "≥", "greater_than": ">", "less_than_equal": "≤", "less_than": "<"}[kind]
        allowed, cure = f"{sign} {bound}", f"give a value {sign} {bound}"
    elif kind in {"float_parsing", "int_parsing", "float_type", "int_type"}:
        allowed, cure = "a number, without its unit (the unit stands in the name)", "write the bare number"
    elif kind in {"enum", "literal_error"}:
        allowed = str(context.get("expected", error["msg"]))
        cure = "use one of the allowed words"
    elif kind == "value_error" and "unknown country" in error["msg"]:
        allowed, cure = "an ISO 3166 alpha-3 code such as RUS, PRK, KOR, or EU", "use the three-letter code"
    elif kind.startswith("date"):
        allowed, cure = "a date as YYYY-MM-DD", "write the full date"
    return Fault(file, place, found, allowed, cure)
