"""Files of messy records in, groups and links out; the labelled sets of the shared data where they are there."""

from __future__ import annotations

import csv
import gzip
import os
import random
from collections import Counter
from functools import partial
from pathlib import Path

import duckdb
import pytest

from gyeol.bench.identity_sets import ID, pair_sets, read_links
from gyeol.kernel.errors import InputError, NotFoundError
from gyeol.storage.matching.matcher import LEAST_MEMORY
from gyeol.storage.matching.matching import link, match

pytestmark = pytest.mark.slow
SHARED = Path(os.environ.get("GYEOL_SHARED", Path(__file__).parents[3] / "shared")) / "data" / "identity"
HEADERS = ["no", "성명", "연락처", "생년월일", "메모"]


def _people(seed: int = 3, count: int = 150) -> list[tuple[str, list[str]]]:
    """(person, record) of made-up customers, two or three records each, with the slips that people make."""
    rng = random.Random(seed)
    records = []
    for person in range(count):
        name = rng.choice("김이박최정") + "".join(rng.choice("가나다라마바사아자차카타파하은지수현민") for _ in range(2))
        phone = f"010{rng.randrange(10**8):08d}"
        birth = f"{rng.randrange(1950, 2005)}-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}"
        for turn in range(rng.choice((2, 3))):
            number = phone if turn != 1 else phone[:3] + "-" + phone[3:7] + "-" + phone[7:]
            written = f"{name[0]} {name[1:]}" if turn == 2 else name
            records.append((str(person), [written, number if rng.random() < 0.8 else "", birth if rng.random() < 0.8 else "", ""]))
    rng.shuffle(records)
    return records


def _write(path: Path, records: list[tuple[str, list[str]]], encoding: str = "utf-8") -> dict[str, str]:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADERS)
        writer.writerows([str(i), *record] for i, (_, record) in enumerate(records))
    return {str(i): person for i, (person, _) in enumerate(records)}


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _f1(clusters: dict[str, str], truth: dict[str, str]) -> float:
    """Pairwise F1 after transitive closure."""

    def pairs(counted: Counter[object]) -> int:
        return sum(n * (n - 1) // 2 for n in counted.values())

    both = pairs(Counter((clusters[i], truth[i]) for i in truth))
    return 2 * both / (pairs(Counter(clusters[i] for i in truth)) + pairs(Counter(truth.values())))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_records_of_one_file_are_grouped_in_whatever_encoding(tmp_path: Path, encoding: str) -> None:
    truth = _write(tmp_path / "in.csv", _people(), encoding)
    matched = match(tmp_path / "in.csv", "no", tmp_path / "out.csv")

    rows = _read(tmp_path / "out.csv")
    assert list(rows[0]) == ["id", "cluster", "weight"]
    assert [row["id"] for row in rows] == list(truth)
    assert _f1({row["id"]: row["cluster"] for row in rows}, truth) > 0.9
    assert matched.fields == {"성명": "name", "연락처": "phone", "생년월일": "birth"}
    assert matched.ignored == {"메모": "empty"}
    alone = Counter(row["cluster"] for row in rows)
    assert all((row["weight"] == "") == (alone[row["cluster"]] == 1) for row in rows)


def test_a_pair_is_explained_and_the_parts_add_up(tmp_path: Path) -> None:
    truth = _write(tmp_path / "in.csv", _people())
    first = next(i for i in truth if list(truth.values()).count(truth[i]) > 1)
    other = next(i for i in truth if i != first and truth[i] == truth[first])
    matched = match(tmp_path / "in.csv", "no", tmp_path / "out.parquet", explain=(other, first))

    shown = matched.explained
    assert shown is not None and (shown.a, shown.b) == (other, first)
    assert shown.prior < 0 < shown.weight
    assert shown.weight == pytest.approx(shown.prior + sum(step.bits for step in shown.steps))
    with pytest.raises(NotFoundError):
        match(tmp_path / "in.csv", "no", tmp_path / "out.csv", explain=("0", "nobody"))


def test_two_files_are_linked_and_each_record_once_where_each_file_holds_each_thing_once(tmp_path: Path) -> None:
    records = _people(count=300)
    seen: Counter[str] = Counter()
    sides: tuple[list[tuple[str, list[str]]], list[tuple[str, list[str]]]] = ([], [])
    for person, record in records:
        if seen[person] < 2:
            sides[seen[person]].append((person, record))
            seen[person] += 1
    left, right = _write(tmp_path / "l.csv", sides[0]), _write(tmp_path / "r.csv", sides[1])
    matched = link(tmp_path / "l.csv", tmp_path / "r.csv", ("no", "no"), tmp_path / "links.csv")

    rows = _read(tmp_path / "links.csv")
    assert list(rows[0]) == ["left", "right", "weight"]
    assert matched.one_to_one and len({row["left"] for row in rows}) == len({row["right"] for row in rows}) == len(rows)
    right_ones = sum(left[row["left"]] == right[row["right"]] for row in rows)
    assert right_ones / len(rows) > 0.97 and right_ones / 300 > 0.85


def test_the_same_file_gives_the_same_groups_and_weights_however_many_threads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _write(tmp_path / "in.csv", _people(count=200))
    written = []
    for threads in (1, 4):
        monkeypatch.setattr(duckdb, "connect", partial(duckdb.connect, config={"threads": threads}))
        match(tmp_path / "in.csv", "no", tmp_path / "out.csv")
        written.append((tmp_path / "out.csv").read_bytes())
    assert written[0] == written[1]


def test_little_memory_is_enough_and_how_far_it_is_is_told(tmp_path: Path) -> None:
    truth = _write(tmp_path / "in.csv", _people(count=300))
    told: list[str] = []
    match(tmp_path / "in.csv", "no", tmp_path / "out.csv", memory=LEAST_MEMORY, tell=lambda what, done, total: told.append(what))
    assert _f1({row["id"]: row["cluster"] for row in _read(tmp_path / "out.csv")}, truth) > 0.9
    assert {"reading files", "reading columns", "training", "finding candidates", "weighing pairs", "joining records"} <= set(told)


def _products(seed: int = 4) -> tuple[list[tuple[str, list[str]]], list[tuple[str, list[str]]]]:
    """(thing, title and maker and price) of two shops: the second writes the maker into the title, and sells other editions as well."""
    rng = random.Random(seed)
    words = ["".join(rng.choice("bcdfglmnprst") + rng.choice("aeiou") for _ in range(3)) for _ in range(300)]
    makers = words[:12]
    left, right = [], []
    for thing in range(300):
        maker, named, edition = rng.choice(makers), rng.sample(words, 3), rng.randrange(2, 9)
        price = rng.randrange(20, 400)
        left.append((str(thing), [" ".join([*named, str(edition)]), maker, f"{price}.0"]))
        if thing % 3:
            right.append((str(thing), [" ".join([maker, *named, str(edition), rng.choice(words)]), "", f"{price * 0.95:.2f}"]))
        if thing % 4 == 0:
            right.append((f"other {thing}", [" ".join([maker, *named[:1], rng.choice(words), "upgrade"]), "", f"{price / 3:.2f}"]))
    rng.shuffle(right)
    return left, right


def test_titles_of_two_shops_are_linked_and_other_editions_are_not(tmp_path: Path) -> None:
    truth = []
    for side, records in zip("lr", _products(), strict=True):
        with (tmp_path / f"{side}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([["no", "title", "manufacturer", "price"], *([str(i), *r] for i, (_, r) in enumerate(records))])
        truth.append([thing for thing, _ in records])
    matched = link(tmp_path / "l.csv", tmp_path / "r.csv", ("no", "no"), tmp_path / "links.csv")
    assert matched.fields == {"title + manufacturer": "title", "price": "number"} and matched.one_to_one
    pairs = [(int(row["left"]), int(row["right"])) for row in _read(tmp_path / "links.csv")]
    both = sum(truth[0][a] == truth[1][b] for a, b in pairs)
    assert both / len(pairs) > 0.9 and both / 200 > 0.9


def _songs(seed: int = 6) -> tuple[list[tuple[str, list[str]]], list[tuple[str, list[str]]]]:
    """(song, its title, artist, album, copyright, length) of two shops: songs of an album share everything but title and length."""
    rng = random.Random(seed)
    words = ["".join(rng.choice("bcdfglmnprst") + rng.choice("aeiou") for _ in range(rng.randrange(1, 4))) for _ in range(400)]
    left, right = [], []
    for disc in range(80):
        artist, album = " ".join(rng.sample(words, 2)).title(), " ".join(rng.sample(words, 2)).title()
        label = f"{rng.randrange(2005, 2015)} {rng.choice(words).title()} Records"
        for song in range(6):
            title, length = " ".join(rng.sample(words, rng.randrange(2, 5))).title(), f"{rng.randrange(2, 6)}:{rng.randrange(60):02d}"
            sold = rng.choice(("left", "right", "both"))
            if sold != "right":
                left.append((f"{disc}.{song}", [title, artist, album + rng.choice(("", " (Deluxe Version)")), f"‰ {label}", length]))
            if sold != "left":
                right.append((f"{disc}.{song}", [title + rng.choice(("", " [Explicit]")), artist, album, f"(C) {label}", length]))
    rng.shuffle(right)
    return left, right


def test_songs_of_one_album_are_not_linked_for_all_that_they_share(tmp_path: Path) -> None:
    headers = ["no", "Song_Name", "Artist_Name", "Album_Name", "CopyRight", "Time"]
    truth = []
    for side, records in zip("lr", _songs(), strict=True):
        with (tmp_path / f"{side}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([headers, *([str(i), *r] for i, (_, r) in enumerate(records))])
        truth.append([song for song, _ in records])
    matched = link(tmp_path / "l.csv", tmp_path / "r.csv", ("no", "no"), tmp_path / "links.csv")
    assert matched.one_to_one
    pairs = [(int(row["left"]), int(row["right"])) for row in _read(tmp_path / "links.csv")]
    both = sum(truth[0][a] == truth[1][b] for a, b in pairs)
    assert both / len(pairs) > 0.95 and both / len(set(truth[0]) & set(truth[1])) > 0.95


def test_files_that_cannot_be_used_are_told_with_every_fault(tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("no,name\n1,Kim\n1,Lee\n,Park\n", encoding="utf-8")
    with pytest.raises(InputError) as told:
        match(bad, "no", tmp_path / "out.csv")
    assert {problem.code for problem in told.value.problems} == {"no_id", "id_twice"}
    with pytest.raises(InputError, match="there is no column"):
        match(bad, "nummer", tmp_path / "out.csv")
    with pytest.raises(InputError):
        match(bad, "no", tmp_path / "out.xlsx")
    with pytest.raises(InputError):
        match(tmp_path / "nothing.csv", "no", tmp_path / "out.csv")


def test_files_with_nothing_to_compare_give_everybody_alone(tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text("no,name\n1,Kim\n", encoding="utf-8")
    match(tmp_path / "one.csv", "no", tmp_path / "out.csv")
    assert [row["cluster"] for row in _read(tmp_path / "out.csv")] == ["1"]
    (tmp_path / "same.csv").write_text("no,country\n1,KR\n2,KR\n", encoding="utf-8")
    match(tmp_path / "same.csv", "no", tmp_path / "out.csv")
    assert [row["cluster"] for row in _read(tmp_path / "out.csv")] == ["1", "2"]


def test_two_hundred_records_behind_one_number_do_not_become_one_person(tmp_path: Path) -> None:
    records = _people()
    crowd = [(f"crowd{i}", [name[0], "01012345678", "", ""]) for i, (_, name) in enumerate(_people(seed=9, count=100)[:200])]
    truth = _write(tmp_path / "in.csv", [*records, *crowd])
    match(tmp_path / "in.csv", "no", tmp_path / "out.csv")
    sizes = Counter(row["cluster"] for row in _read(tmp_path / "out.csv") if truth[row["id"]].startswith("crowd"))
    assert max(sizes.values()) <= 10


@pytest.mark.skipif(not SHARED.is_dir(), reason="the labelled sets are not there")
def test_two_files_of_products(tmp_path: Path) -> None:
    sides = pair_sets(tmp_path, quick=False)[-1]
    link(sides.left, sides.right, (ID, ID), tmp_path / "links.csv")
    assert sides.judge(read_links(tmp_path / "links.csv")).f1 >= 0.6


@pytest.mark.skipif(not SHARED.is_dir(), reason="the labelled sets are not there")
@pytest.mark.parametrize(
    ("file", "id_column", "truth_column", "least"),
    [("korean_customers_sim.csv.gz", "record_id", "person_id", 0.965), ("fake_1000.csv.gz", "unique_id", "cluster", 0.9)],
)
def test_labelled_sets(file: str, id_column: str, truth_column: str, least: float, tmp_path: Path) -> None:
    with gzip.open(SHARED / file, "rt", encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    truth = {row[id_column]: row.pop(truth_column) for row in rows}
    with (tmp_path / "in.csv").open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    match(tmp_path / "in.csv", id_column, tmp_path / "out.csv")
    assert _f1({row["id"]: row["cluster"] for row in _read(tmp_path / "out.csv")}, truth) >= least
