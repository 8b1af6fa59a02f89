"""Splink configured by hand for each labelled set, in full: the peer of ``gyeol identity match`` and ``link``.

Sources: for the historical figures "Deduplicate 50k rows historical persons", for FEBRL "Deduplicating the febrl3 dataset", for fake_1000
the introductory tutorial, all of Splink's own documentation. No tutorial has the Korean customers and the three sets of two files: those
are what somebody who knows Splink's library writes for such columns.
"""

from __future__ import annotations

import logging
import warnings
from pathlib import Path
from typing import Any

import msgspec

from gyeol.bench.identity_sets import ID, Pair

_SAME_AREA = "substr(l.postcode_fake,1,2) = substr(r.postcode_fake,1,2)"


class Peer(msgspec.Struct, frozen=True, kw_only=True):
    """What is written by hand for one set.

    Args:
        comparisons: Of Splink's library. blocking: Rules that candidates are found by. training: Rules of the EM sessions.
        sure: Deterministic rules that the prior is estimated from, with ``recall``.
        at_least: Probability above which pairs are joined.
        random_pairs: For the u probabilities.
        prepare: SQL over ``records`` that adds columns.
    """

    comparisons: list[Any]
    blocking: list[Any]
    training: list[Any]
    sure: list[Any]
    recall: float
    at_least: float
    random_pairs: float = 1e6
    prepare: str = "SELECT * FROM records"


def peers() -> dict[str, Peer]:
    """By the name of the set."""
    febrl = _febrl()
    return {
        "fake_1000": _fake_1000(),
        "febrl1": febrl,
        "febrl3": febrl,
        "korean": _korean(),
        "historical": _historical(),
        "fodors_zagats": _fodors_zagats(),
        "dblp_acm": _dblp_acm(),
        "amazon_google": _amazon_google(),
    }


def _historical() -> Peer:
    import splink.comparison_library as cl
    from splink import block_on

    return Peer(
        comparisons=[
            cl.ForenameSurnameComparison("first_name", "surname", forename_surname_concat_col_name="first_name_surname_concat"),
            cl.DateOfBirthComparison("dob", input_is_string=True),
            cl.PostcodeComparison("postcode_fake"),
            cl.ExactMatch("birth_place").configure(term_frequency_adjustments=True),
            cl.ExactMatch("occupation").configure(term_frequency_adjustments=True),
        ],
        blocking=[
            block_on("substr(first_name,1,3)", "substr(surname,1,4)"),
            block_on("surname", "dob"),
            block_on("first_name", "dob"),
            block_on("postcode_fake", "first_name"),
            block_on("postcode_fake", "surname"),
            block_on("dob", "birth_place"),
            block_on("substr(postcode_fake,1,3)", "dob"),
            block_on("substr(postcode_fake,1,3)", "first_name"),
            block_on("substr(postcode_fake,1,3)", "surname"),
            block_on("substr(first_name,1,2)", "substr(surname,1,2)", "substr(dob,1,4)"),
        ],
        training=[block_on("first_name", "surname"), block_on("dob")],
        sure=[
            "l.first_name = r.first_name and l.surname = r.surname and l.dob = r.dob",
            " and ".join(("substr(l.first_name,1,2) = substr(r.first_name,1,2)", "l.surname = r.surname", _SAME_AREA)),
            "l.dob = r.dob and l.postcode_fake = r.postcode_fake",
        ],
        recall=0.6,
        at_least=0.95,
        random_pairs=5e6,
        prepare="SELECT *, first_name || ' ' || surname AS first_name_surname_concat FROM records",
    )


def _febrl() -> Peer:
    import splink.comparison_library as cl
    from splink import block_on

    return Peer(
        comparisons=[
            cl.NameComparison("given_name"),
            cl.NameComparison("surname"),
            cl.DateOfBirthComparison("date_of_birth", input_is_string=True, datetime_format="%Y%m%d"),
            cl.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]),
            cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
            cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]).configure(term_frequency_adjustments=True),
        ],
        blocking=[block_on(c) for c in ("soc_sec_id", "given_name", "surname", "date_of_birth", "postcode")],
        training=[block_on("date_of_birth"), block_on("substr(postcode,1,3)")],
        sure=[
            "l.soc_sec_id = r.soc_sec_id",
            "l.given_name = r.given_name and l.surname = r.surname and l.date_of_birth = r.date_of_birth",
            "l.given_name = r.surname and l.surname = r.given_name and l.date_of_birth = r.date_of_birth",
        ],
        recall=0.9,
        at_least=0.95,
    )


def _fake_1000() -> Peer:
    import splink.comparison_library as cl
    from splink import block_on

    return Peer(
        comparisons=[
            cl.NameComparison("first_name"),
            cl.NameComparison("surname"),
            cl.DateOfBirthComparison("dob", input_is_string=True),
            cl.ExactMatch("city").configure(term_frequency_adjustments=True),
            cl.EmailComparison("email"),
        ],
        blocking=[block_on("first_name", "city"), block_on("surname"), block_on("dob"), block_on("email")],
        training=[block_on("first_name", "surname"), block_on("dob")],
        sure=[
            block_on("first_name", "dob"),
            "l.first_name = r.first_name and levenshtein(r.surname, l.surname) <= 2",
            block_on("email"),
        ],
        recall=0.7,
        at_least=0.5,
    )


def _korean() -> Peer:
    import splink.comparison_library as cl
    from splink import block_on

    return Peer(
        comparisons=[
            cl.JaroWinklerAtThresholds("plain_name", [0.9, 0.7]).configure(term_frequency_adjustments=True),
            cl.LevenshteinAtThresholds("number", [1, 2]),
            cl.EmailComparison("email"),
            cl.LevenshteinAtThresholds("born", [1, 2]),
            cl.JaroWinklerAtThresholds("address", [0.95, 0.88]),
            cl.ExactMatch("sex"),
        ],
        blocking=[
            block_on("number"),
            block_on("email"),
            block_on("plain_name", "born"),
            block_on("plain_name", "zip"),
            block_on("born", "zip"),
            block_on("plain_name", "substr(number,1,7)"),
        ],
        training=[block_on("number"), block_on("plain_name", "born"), block_on("email")],
        sure=[block_on("number", "plain_name"), block_on("email"), block_on("plain_name", "born")],
        recall=0.8,
        at_least=0.9,
        prepare=r"""
            SELECT *, nullif(lower(regexp_replace(name, '\s', '', 'g')), '') AS plain_name,
                nullif(right(regexp_replace(phone, '\D', '', 'g'), 8), '') AS number,
                nullif(right(regexp_replace(birth, '\D', '', 'g'), 6), '') AS born
            FROM records
        """,
    )


def _fodors_zagats() -> Peer:
    import splink.comparison_library as cl
    from splink import block_on

    return Peer(
        comparisons=[
            cl.JaroWinklerAtThresholds("name", [0.9, 0.8]),
            cl.JaroWinklerAtThresholds("addr", [0.9, 0.8]),
            cl.ExactMatch("city").configure(term_frequency_adjustments=True),
            cl.LevenshteinAtThresholds("number", [1, 2]),
            cl.ExactMatch("type").configure(term_frequency_adjustments=True),
        ],
        blocking=[block_on("number"), block_on("substr(name,1,4)"), block_on("substr(addr,1,6)")],
        training=[block_on("number"), block_on("substr(name,1,4)")],
        sure=[block_on("number"), block_on("name", "city")],
        recall=0.8,
        at_least=0.5,
        prepare=r"""
            SELECT rid, trim(regexp_replace(name, '[^a-z0-9 ]', '', 'g')) AS name,
                trim(regexp_replace(addr, '[^a-z0-9 ]', '', 'g')) AS addr,
                trim(regexp_replace(city, '[^a-z0-9 ]', '', 'g')) AS city, type, regexp_replace(phone, '\D', '', 'g') AS number FROM records
        """,
    )


def _dblp_acm() -> Peer:
    import splink.comparison_library as cl
    from splink import block_on

    return Peer(
        comparisons=[
            cl.JaroWinklerAtThresholds("title", [0.95, 0.88]),
            cl.JaroWinklerAtThresholds("authors", [0.9, 0.8]),
            cl.JaroWinklerAtThresholds("venue", [0.9, 0.7]),
            cl.ExactMatch("year"),
        ],
        blocking=[block_on("substr(title,1,10)"), block_on("authors"), block_on("substr(authors,1,8)", "year")],
        training=[block_on("authors"), block_on("substr(title,1,20)")],
        sure=[block_on("title", "year"), block_on("title", "authors")],
        recall=0.8,
        at_least=0.5,
    )


def _amazon_google() -> Peer:
    import splink.comparison_library as cl
    from splink import block_on

    price = cl.CustomComparison(
        output_column_name="price",
        comparison_levels=[
            {"sql_condition": "price_l IS NULL OR price_r IS NULL", "is_null_level": True},
            {"sql_condition": "abs(price_l - price_r) <= 0.1 * greatest(price_l, price_r)"},
            {"sql_condition": "abs(price_l - price_r) <= 0.3 * greatest(price_l, price_r)"},
            {"sql_condition": "ELSE"},
        ],
    )
    return Peer(
        comparisons=[
            cl.JaccardAtThresholds("title", [0.9, 0.8]),
            cl.ArrayIntersectAtSizes("words", [6, 5, 4, 3, 2, 1]),
            cl.JaroWinklerAtThresholds("manufacturer", [0.9, 0.7]),
            price,
        ],
        blocking=["len(list_intersect(l.words, r.words)) >= 2"],
        training=[block_on("substr(title,1,12)"), block_on("manufacturer")],
        sure=[block_on("title")],
        recall=0.1,
        at_least=0.5,
        prepare=r"""
            SELECT rid, title, nullif(manufacturer, '') AS manufacturer, try_cast(price AS DOUBLE) AS price,
                list_distinct(list_filter(regexp_split_to_array(title, '[^a-z0-9.]+'), word -> len(word) > 1)) AS words FROM records
        """,
    )


class _Opened(msgspec.Struct):
    connection: Any
    linker: Any


def _trained(peer: Peer, files: list[Path]) -> _Opened:
    import duckdb
    from splink import DuckDBAPI, Linker

    logging.getLogger("splink").setLevel(logging.ERROR)
    connection = duckdb.connect()
    api = DuckDBAPI(connection=connection)
    for i, path in enumerate(files):
        connection.execute(f"CREATE TABLE raw{i} AS SELECT * FROM read_csv('{path}', header = true, all_varchar = true)")
        connection.execute(f"CREATE TABLE file{i} AS {peer.prepare.replace('FROM records', f'FROM raw{i}')}")
    settings = {
        "link_type": "dedupe_only" if len(files) == 1 else "link_only",
        "unique_id_column_name": ID,
        "comparisons": peer.comparisons,
        "blocking_rules_to_generate_predictions": peer.blocking,
        "retain_matching_columns": False,
    }
    linker = Linker([api.register(f"file{i}") for i in range(len(files))], settings, log_level=logging.ERROR)
    linker.training.estimate_probability_two_random_records_match(peer.sure, recall=peer.recall)
    linker.training.estimate_u_using_random_sampling(max_pairs=peer.random_pairs, seed=1)
    for rule in peer.training:
        linker.training.estimate_parameters_using_expectation_maximisation(rule, record_sample_proportion=1.0)
    return _Opened(connection, linker)


def splink_clusters(peer: Peer, file: Path) -> dict[str, str]:
    """Record → cluster."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        opened = _trained(peer, [file])
        predicted = opened.linker.inference.predict(threshold_match_probability=peer.at_least)
        clusters = opened.linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, peer.at_least).as_duckdbpyrelation()
        found = clusters.select(f'"{ID}", "cluster_id"').fetchall()
    opened.connection.close()
    return {str(record): str(cluster) for record, cluster in found}


def splink_links(peer: Peer, left: Path, right: Path) -> list[Pair]:
    """(left, right) of the pairs above the threshold."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        opened = _trained(peer, [left, right])
        predicted = opened.linker.inference.predict(threshold_match_probability=peer.at_least).as_duckdbpyrelation()
        found = predicted.select(f'"{ID}_l", "{ID}_r"').fetchall()
    opened.connection.close()
    return [(a, b) if a.startswith("l") else (b, a) for a, b in found]


def korean_rules(file: Path) -> dict[str, str]:
    """What a careful person writes in SQL for the Korean customers: the same telephone number, or e-mail, or name and address; closed.

    Telephone numbers are digits with +82 as 0, e-mails lower case, names without spaces; an address is its
    road or quarter with the number.
    """
    import duckdb
    import numpy as np
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    connection = duckdb.connect()
    connection.execute(f"CREATE TABLE raw AS SELECT * FROM read_csv('{file}', header = true, all_varchar = true)")
    connection.execute(r"""
        CREATE TABLE made AS SELECT rid, row_number() OVER () - 1 AS n,
            nullif(right(regexp_replace(phone, '\D', '', 'g'), 10), '') AS number,
            nullif(lower(trim(email)), '') AS email,
            nullif(regexp_replace(name, '\s', '', 'g'), '') || '|'
                || nullif(regexp_extract(address, '(\S+(?:로|길|동|리)\s*\d+(?:-\d+)?)', 1), '') AS home
        FROM raw
    """)
    pairs = " UNION ALL ".join(
        f"SELECT min(n) OVER (PARTITION BY {c}) AS a, n AS b FROM made WHERE {c} IS NOT NULL" for c in ("number", "email", "home")
    )
    edges = connection.execute(pairs).fetchnumpy()
    ids = [record for (record,) in connection.execute("SELECT rid FROM made ORDER BY n").fetchall()]
    graph = coo_matrix((np.ones(len(edges["a"]), np.int8), (edges["a"], edges["b"])), shape=(len(ids), len(ids)))
    labels = connected_components(graph, directed=False)[1]
    connection.close()
    return dict(zip(ids, map(str, labels.tolist()), strict=True))
