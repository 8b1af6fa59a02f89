"""plan: what a change of definitions is."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from gyeol.audiences.model import AudienceDefinition, StageDefinition
from gyeol.engine.definitions import Definitions, WorkspaceSettings
from gyeol.profiles.model import TraitDefinition
from gyeol.workspace.difference import Change, FieldChange, diff


def definitions(**parts: object) -> Definitions:
    return msgspec.convert({"workspace": WorkspaceSettings(name="A"), **parts}, Definitions)


def trait(name: str, **fields: object) -> TraitDefinition:
    return msgspec.convert({"name": name, "kind": "count", "event": "Order Completed", **fields}, TraitDefinition)


def test_the_first_version_adds_everything() -> None:
    plan = diff(None, definitions(traits=[trait("a")]))
    assert plan.before is None
    assert [(c.kind, c.name, c.action) for c in plan.changes] == [("workspace", "A", "added"), ("traits", "a", "added")]


def test_nothing_changes_nothing_is_said() -> None:
    one = definitions(traits=[trait("a")])
    plan = diff(one, definitions(traits=[trait("a")]))
    assert plan.changes == [] and plan.before == plan.after
    assert plan.text("ko") == "바뀌는 것이 없습니다."
    assert plan.text("en") == "Nothing would change."


def test_fields_are_compared_one_by_one() -> None:
    old = definitions(traits=[trait("a", label={"ko": "가", "en": "A"}), trait("gone")])
    new = definitions(traits=[trait("a", label={"ko": "나", "en": "A"}, window="7d"), trait("fresh")])
    plan = diff(old, new)
    assert plan.changes == [
        Change(kind="traits", name="a", action="changed", fields=[FieldChange("window", None, "7d"), FieldChange("label.ko", "가", "나")]),
        Change(kind="traits", name="fresh", action="added"),
        Change(kind="traits", name="gone", action="removed"),
    ]
    assert plan.counts() == {"added": 1, "changed": 1, "removed": 1, "moved": 0}


def test_the_order_of_stages_has_a_meaning_and_that_of_traits_has_none() -> None:
    stages = [StageDefinition(name=n, condition="a > 0") for n in ("x", "y")]
    traits = [trait("a"), trait("b")]
    plan = diff(definitions(stages=stages, traits=traits), definitions(stages=stages[::-1], traits=traits[::-1]))
    assert [(c.kind, c.name, c.action) for c in plan.changes] == [("stages", "y → x", "moved")]


def test_settings_of_the_workspace_are_compared() -> None:
    new = msgspec.structs.replace(definitions(), workspace=WorkspaceSettings(name="A", zone="Asia/Tokyo"))
    (change,) = diff(definitions(), new).changes
    assert (change.kind, change.action, change.fields) == ("workspace", "changed", [FieldChange("zone", "Asia/Seoul", "Asia/Tokyo")])


def test_text_in_both_languages_and_json() -> None:
    old = definitions(audiences=[AudienceDefinition(name="regulars", condition="orders >= 3")])
    new = definitions(audiences=[AudienceDefinition(name="regulars", condition="orders >= 5")])
    plan = diff(old, new)
    assert plan.text("en") == "changed 1\n~ audience regulars\n    condition: orders >= 3 → orders >= 5"
    assert plan.text("ko") == "변경 1\n~ 오디언스 regulars\n    condition: orders >= 3 → orders >= 5"
    assert msgspec.json.decode(msgspec.json.encode(plan))["changes"][0]["fields"][0]["after"] == "orders >= 5"


names = st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=6)


@given(names, names, st.sampled_from(["count", "sum"]))
def test_applying_the_names_of_a_plan_gives_the_new_names(old: list[str], new: list[str], kind: str) -> None:
    before = definitions(traits=[trait(n) for n in old])
    after = definitions(traits=[trait(n, kind=kind) for n in new])
    changes = [c for c in diff(before, after).changes if c.kind == "traits"]
    reached = set(old) - {c.name for c in changes if c.action == "removed"} | {c.name for c in changes if c.action == "added"}
    assert reached == set(new)
    changed = {c.name for c in changes if c.action == "changed"}
    assert changed == (set(old) & set(new) if kind == "sum" else set())
