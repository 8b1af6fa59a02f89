"""place: where points lie."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gyeol.cli import output
from gyeol.cli.context import AsJson, command, progress_bar
from gyeol.context.place.dongs import Dongs
from gyeol.context.place.regions import Regions
from gyeol.kernel.errors import ConfigError
from gyeol.storage.places_file import Places, write_places
from gyeol.storage.regions_file import read_borders, read_dongs, read_places
from gyeol.storage.table_file import TableFile, add_columns, numbers_of

if TYPE_CHECKING:
    import pyarrow as pa

app = typer.Typer(name="place", help="Places: files of regions, and which region points lie in.", no_args_is_help=True)

WHERE = Path("data", "korea.regions")
"""Where a workspace keeps its regions."""
_KIT = Path("data", "geo_korea")


@command
def build(
    borders: Annotated[Path, typer.Argument(help="Parquet with code, sido, sigungu, wkb (WGS84), a row a region.")],
    out: Annotated[Path, typer.Option("--out", help="The file of regions; a workspace keeps it in data/korea.regions.")] = WHERE,
    dongs: Annotated[Path | None, typer.Option("--dongs", help="A table of legal dongs: name, lat, lon.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make a file of regions from borders and centres of dongs."""
    places = Places(1, read_borders(borders), [] if dongs is None else read_dongs(dongs))
    Regions(places.regions)
    out.parent.mkdir(parents=True, exist_ok=True)
    size = write_places(out, places)
    if as_json:
        output.as_json({"regions": len(places.regions), "dongs": len(places.dongs), "bytes": size, "out": str(out)})
    else:
        output.title(f"{len(places.regions):,} regions, {len(places.dongs):,} dongs, {size / 1e6:.1f} MB → {out}")


@command
def locate(
    file: Annotated[Path, typer.Argument(help="A table: .csv, .csv.gz, .tsv or .parquet.")],
    lat: Annotated[str, typer.Option("--lat", help="The column of latitudes, degrees.")],
    lon: Annotated[str, typer.Option("--lon", help="The column of longitudes, degrees.")],
    out: Annotated[Path, typer.Option("--out", help="What is written: .csv, .csv.gz or .parquet.")],
    regions: Annotated[
        Path | None,
        typer.Option(
            "--regions",
            envvar="GYEOL_REGIONS",
            help="A file of regions, or borders as Parquet; default: data/korea.regions here, else borders in GYEOL_SHARED.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Add region_code, sido, sigungu and dong to a table of points; empty outside of every region."""
    places = read_places(regions) if regions is not None else _default_places()
    table = TableFile(file, (lat, lon))
    index, dongs = Regions(places.regions), Dongs(places.regions, places.dongs)
    found = [0]

    def add(part: pa.RecordBatch) -> dict[str, pa.Array]:
        import pyarrow as pa

        y, x = numbers_of(part, lat), numbers_of(part, lon)
        at = index.locate(y, x)
        found[0] += int((at >= 0).sum())
        nearest = dongs.nearest(y, x, at)

        def texts(values: list[str], numbers: list[int]) -> pa.Array:
            return pa.array([values[i] if i >= 0 else None for i in numbers], pa.string())

        return {
            "region_code": texts([region.code for region in index.regions], at.tolist()),
            "sido": texts([region.sido for region in index.regions], at.tolist()),
            "sigungu": texts([region.sigungu for region in index.regions], at.tolist()),
            "dong": texts([dong.short for dong in dongs.dongs], nearest.tolist()),
        }

    with progress_bar() as tell:
        rows = add_columns(table, out, add, tell)
    if as_json:
        output.as_json({"rows": rows, "located": found[0], "left_out": table.left_out, "out": str(out)})
        return
    output.title(f"{rows:,} points, {found[0]:,} in a region → {out}")
    if table.left_out:
        output.line(f"{table.left_out:,} rows have another number of values than the header: they were left out", style="yellow")


def _default_places() -> Places:
    if WHERE.is_file():
        return read_places(WHERE)
    shared = Path(os.environ.get("GYEOL_SHARED") or Path("..", "shared")) / _KIT
    borders, dongs = shared / "sigungu_boundaries_wkb.parquet", shared / "dongnae_centroids.csv.gz"
    if borders.is_file():
        return Places(1, read_borders(borders), read_dongs(dongs) if dongs.is_file() else [])
    told = f"No file of regions: {WHERE} is not there. Make it with gyeol place build, or name one with --regions (GYEOL_REGIONS)."
    raise ConfigError("no_regions", told)


app.command("build")(build)
app.command("locate")(locate)
