"""What the user wrote, read and validated: one study.toml and its tables."""

from __future__ import annotations

import hashlib
import shutil
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TypeVar, cast

from pydantic import BaseModel, ValidationError

from landbridge import errors, tables
from landbridge.errors import Fault, StudyFault
from landbridge.schema import appraisal, conditions, demand, flows, gas, network, probes, trade
from landbridge.schema.config import Config

R = TypeVar("R", bound=tables.Row)

TABLES: tuple[tables.Table, ...] = (
    network.TABLES
    + probes.TABLES
    + demand.TABLES
    + conditions.TABLES
    + flows.TABLES
    + trade.TABLES
    + gas.TABLES
    + appraisal.TABLES
)


@dataclass(frozen=True)
class Study:
    """A validated study: its configuration, its rows by row model, and the digest of every file read."""

    name: str
    folder: Path
    config: Config
    tables: Mapping[type[tables.Row], tuple[tables.Row, ...]]
    digests: Mapping[str, str]

    def rows(self, model: type[R]) -> tuple[R, ...]:
        """All rows of one table, in file order; empty where the study leaves the table out."""
        return cast("tuple[R, ...]", self.tables.get(model, ()))


def bundled() -> Mapping[str, Path]:
    """The studies that come with the package, by name."""
    root = Path(str(resources.files("landbridge") / "studies"))
    return {p.name: p for p in sorted(root.iterdir()) if (p / "study.toml").exists()}


def find(name_or_path: str) -> Path:
    """The folder of a study given by name ('korea') or path; StudyFault if there is none.

    A folder of that name in the working directory goes before a bundled study.
    """
    path = Path(name_or_path)
    if path.name == "study.toml":
        path = path.parent
    if (path / "study.toml").exists():
        return path
    if name_or_path in bundled():
        return bundled()[name_or_path]
    raise StudyFault(
        [
            Fault(
                name_or_path,
                "study.toml",
                "no such study",
                f"a folder with a study.toml, or one of: {', '.join(bundled())}",
                "landbridge new NAME makes a study to edit",
            )
        ]
    )


def read(name_or_path: str) -> Study:
    """Read and validate a study; StudyFault holds all faults of all files at once.

    >>> read("korea").config.study.base_year
    2017
    """
    folder = find(name_or_path)
    stamp = tuple(
        sorted((str(p.relative_to(folder)), p.stat().st_mtime_ns) for p in folder.rglob("*") if p.is_file())
    )
    return _read(folder.resolve(), stamp)


@cache
def _read(folder: Path, stamp: tuple[tuple[str, int], ...]) -> Study:
    faults: list[errors.Fault] = []
    config = _read_config(folder / "study.toml", faults)
    rows: dict[type[tables.Row], tuple[tables.Row, ...]] = {}
    for table in TABLES:
        path = folder / table.file
        if path.exists():
            rows[table.model] = tables.read_rows(path, table.model, faults, table.key)
        elif table.required:
            faults.append(
                Fault(
                    table.file,
                    "file",
                    "missing",
                    "a CSV file",
                    f"add it with the header: {tables.header(table.model)}",
                )
            )
    if not faults:
        from landbridge.schema import config_checks
        from landbridge.schema.references import check  # cross-table references, once all rows are there

        check(rows, faults)
        faults += config_checks.check(config, rows) if config else []
    if faults or config is None:
        raise StudyFault(faults)
    digests = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name, _ in stamp}
    return Study(folder.name, folder, config, rows, digests)


def _read_config(path: Path, faults: list[Fault]) -> Config | None:
    text = path.read_text(encoding="utf-8")
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        faults.append(Fault(path.name, "file", str(error), "TOML 1.0", "correct the line named"))
        return None
    try:
        return Config.model_validate(data)
    except ValidationError as error:
        lines = _key_lines(text)
        for e in error.errors():
            key = ".".join(str(p) for p in e["loc"])
            line = lines.get(key) or lines.get(key.rsplit(".", 1)[0])
            section = Config.model_fields.get(str(e["loc"][0]))
            inner = section.annotation if section is not None and len(e["loc"]) > 1 else Config
            model = inner if isinstance(inner, type) and issubclass(inner, BaseModel) else None
            faults.append(tables.fault_of(e, path.name, f"line {line}, key" if line else "key", model))
        return None


def _key_lines(text: str) -> dict[str, int]:
    """Line number of every table head and key of a TOML text (dotted)."""
    lines: dict[str, int] = {}
    section = ""
    for number, line in enumerate(text.splitlines(), start=1):
        bare = line.strip()
        if bare.startswith("["):
            section = bare.strip("[]").split("]")[0].strip()
            lines.setdefault(section, number)
        elif "=" in bare and not bare.startswith("#"):
            name = bare.split("=", 1)[0].strip().strip("\"'")
            lines[f"{section}.{name}" if section else name] = number
    return lines


def create(folder: Path, template: str) -> Path:
    """A new study folder made from a template study; StudyFault if something is already there."""
    if folder.exists():
        raise StudyFault(
            [Fault(str(folder), "folder", "already exists", "a new name", "choose another name or move it")]
        )
    shutil.copytree(find(template), folder)
    return folder
