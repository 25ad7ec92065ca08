"""Writes a Result: tables as CSV and one workbook, map layers as GeoPackage, the page, and the manifest.

Everything is written to a temporary folder beside the target and renamed at the end, so a failed run leaves nothing
half-written and never harms an older result.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import shapely
import xlsxwriter
from numpy.typing import NDArray

from landbridge.errors import Fault, StudyFault
from landbridge.network.chains import end_to_end
from landbridge.report.pages import page
from landbridge.report.workbook import write_appraisal
from landbridge.result import GeoLayer, Result, ResultTable

Say = Callable[[str], None]


def write(result: Result, folder: Path, say: Say = lambda text: None) -> Path:
    """Write everything to `folder` (replaced as a whole if it is an older result) and return it.

    Raises StudyFault if the folder exists and is not a result of landbridge: nothing of the user's is deleted.
    """
    folder = folder.resolve()
    if folder.exists() and any(folder.iterdir()) and not (folder / "manifest.json").exists():
        raise StudyFault(
            [
                Fault(
                    str(folder),
                    "--out",
                    "the folder exists and holds other files",
                    "a new folder or an older result",
                    "name another folder",
                )
            ]
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        say("writing tables, workbook and GeoPackage")
        (work / "tables").mkdir()
        for table in result.tables.values():
            write_csv(table, work / "tables" / f"{table.name}.csv")
        write_workbook(result.tables, work / "tables.xlsx")
        write_geopackage(result.layers, work / "corridor.gpkg")
        if "appraisal_ledger" in result.tables:
            write_appraisal(work / "appraisal.xlsx", result.tables)
        say("drawing the page")
        (work / "report.html").write_text(page(result), encoding="utf-8")
        (work / "manifest.json").write_text(json.dumps(result.manifest, indent=1, default=str), encoding="utf-8")
        work.chmod(0o755)
        if folder.exists():
            shutil.rmtree(folder)
        work.rename(folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return folder


def write_csv(table: ResultTable, path: Path) -> None:
    """One table as CSV with full precision to nine digits, the same bytes for the same numbers."""
    table.frame.to_csv(path, index=False, float_format="%.9g", lineterminator="\n")


def write_workbook(tables: Mapping[str, ResultTable], path: Path) -> None:
    """All tables in one XLSX: a contents sheet with title, note and sources, then one sheet a table."""
    book = xlsxwriter.Workbook(str(path), {"nan_inf_to_errors": True, "in_memory": True})
    bold, wrap = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    contents = book.add_worksheet("contents")
    contents.write_row(0, 0, ["sheet", "title", "note", "sources"], bold)
    contents.set_column(0, 0, 28)
    contents.set_column(1, 3, 60, wrap)
    for i, table in enumerate(tables.values(), start=1):
        sheet_name = table.name[:31]
        contents.write_url(i, 0, f"internal:'{sheet_name}'!A1", string=table.name)
        contents.write_row(i, 1, [table.title, table.note, "; ".join(table.sources)])
        sheet = book.add_worksheet(sheet_name)
        heads = [f"{c} [{table.units[c]}]" if c in table.units else str(c) for c in table.frame.columns]
        sheet.write_row(0, 0, heads, bold)
        sheet.freeze_panes(1, 0)
        for k, column in enumerate(table.frame.columns):
            sheet.write_column(1, k, [_plain(v) for v in table.frame[column].tolist()])
            sheet.set_column(k, k, 16)
    book.close()


def _plain(value: object) -> object:
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return "unreachable" if value > 0 else "unknown"
    return value if isinstance(value, int | float | str | bool) else "" if value is None else str(value)


def write_geopackage(layers: Mapping[str, GeoLayer], path: Path) -> None:
    """All map layers as one GeoPackage in longitude and latitude (EPSG:4326)."""
    for layer in layers.values():
        if not layer.coordinates:
            continue
        points, sizes = end_to_end(layer.coordinates)
        is_point = layer.kind == "point"
        frame: pd.DataFrame = layer.frame
        columns = {str(c): _column(frame[c]) for c in frame.columns}
        geometry = pa.array(shapely.to_wkb(shapely.points(points))) if is_point else line_wkb(points, sizes)
        pyogrio.raw.write_arrow(
            pa.table(columns | {"geom": geometry}),
            str(path),
            geometry_name="geom",
            geometry_type="Point" if is_point else "LineString",
            crs="EPSG:4326",
            layer=layer.name,
            driver="GPKG",
            append=path.exists(),
        )


def line_wkb(points: NDArray[np.float64], sizes: NDArray[np.int64]) -> pa.Array:
    """Lines as well-known binary (OGC 06-103r4, little endian); `points` end to end, `sizes` how many each line has.

    Byte order (1) and type (2) and number of points stand before the points. No geometry is made of each line.

    >>> shapely.from_wkb(line_wkb(np.array([[0.0, 0], [1, 0], [2, 5], [3, 5]]), np.array([2, 2]))[1].as_py())
    <LINESTRING (2 5, 3 5)>
    """
    head = np.dtype([("order", "u1"), ("type", "<u4"), ("points", "<u4")])
    heads = np.empty(len(sizes), head)
    heads["order"], heads["type"], heads["points"] = 1, 2, sizes
    start = np.concatenate([[0], np.cumsum(head.itemsize + 16 * sizes)])
    is_body = np.ones(start[-1], bool)
    is_body[start[:-1, None] + np.arange(head.itemsize)] = False
    wkb = np.empty(start[-1], np.uint8)
    wkb[~is_body] = heads.view(np.uint8)
    wkb[is_body] = points.astype("<f8").view(np.uint8).ravel()
    buffers = [None, pa.py_buffer(start), pa.py_buffer(wkb)]
    return pa.LargeBinaryArray.from_buffers(pa.large_binary(), len(sizes), buffers)


def _column(values: pd.Series[Any]) -> pa.Array:
    return pa.array(values if values.dtype.kind in "if" else values.astype(str))
