"""Loading: any layout, defaults, all problems at once, each with its place and how to mend it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gyeol.engine.definitions import Definitions
from gyeol.kernel.errors import InputError, Problem
from gyeol.workspace.load import Loaded, load

Problems = Callable[[str], list[Problem]]
Load = Callable[[str], Loaded]


def test_any_layout_gives_the_same_definitions(write: Callable[..., Path], tmp_path: Path) -> None:
    one = load(write(all="workspace: {name: A}\ntraits:\n- {name: a, kind: count, event: $page}\n- {name: b, kind: count, event: $page}\n"))
    folder = tmp_path / "other"
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / "z.yml").write_text("workspace: {name: A}\n")
    (folder / "deep" / "a.yaml").write_text("traits:\n- {name: a, kind: count, event: $page}\n")
    (folder / "deep" / "er" / "b.yaml").write_text("---\ntraits:\n- {name: b, kind: count, event: $page}\n---\nkpis:\n")
    assert load(folder).definitions == one.definitions
    assert load(folder).files == ["deep/a.yaml", "deep/er/b.yaml", "z.yml"]


def test_data_folder_maps_and_hidden_files_are_not_read(write: Callable[..., Path]) -> None:
    root = write(ws="workspace: {name: A}", **{".gyeol__x": "nonsense: 1", "maps__m": "inputs: {}", ".hidden__y": "nonsense: 1"})
    (root / ".hidden.yaml").write_text("nonsense: 1")
    assert load(root).files == ["ws.yaml"]


def test_defaults_are_shipped_and_can_be_replaced(load_with: Load) -> None:
    shipped = load_with("").definitions
    assert [t.name for t in shipped.identity.types] == ["user_id", "email", "phone", "anonymous_id"]
    limits = {t.name: t.limit for t in shipped.identifiers}
    assert limits == {"user_id": 1, "email": 3, "phone": 3, "anonymous_id": None}
    assert not any(t.from_client for t in shipped.identifiers if t.pii)
    own = load_with(
        "identifiers:\n- {name: card, paths: [properties.card], priority: 1}\n"
        "laws:\n- {name: kr_transactional, country: KR, channels: [sms], message_class: transactional, source: ours}\n"
    ).definitions
    assert [t.name for t in own.identifiers] == ["card"]
    assert {r.name: r.source for r in own.laws}["kr_transactional"] == "ours"
    assert len(own.laws) == len(shipped.laws)


def test_the_shipped_law_of_korea(load_with: Load) -> None:
    rules = load_with("").definitions.laws
    assert {r.country for r in rules} == {"KR"}
    by_channel = {c: r for r in rules if r.message_class == "advertising" for c in r.channels}
    for channel in ("sms", "push", "kakao"):
        rule = by_channel[channel]
        assert (rule.label_prefix, rule.quiet_from, rule.quiet_until, rule.reconfirm_years) == ("(광고)", "21:00", "08:00", 2)
        assert rule.needs_consent and rule.free_refusal and "제50조" in rule.source
    mail = by_channel["email"]
    assert (mail.label_prefix, mail.quiet_from, mail.needs_consent) == ("(광고)", None, True)
    (service,) = [r for r in rules if r.message_class == "transactional"]
    assert not service.needs_consent and service.label_prefix is None


def test_sources_are_in_order_of_name_and_definitions_survive_json(load_with: Load) -> None:
    loaded = load_with("sources:\n- {name: app, trust: client, write_key: app-key-12345}\n")
    assert [s.name for s in loaded.definitions.sources] == ["app", "server"]
    assert Definitions.from_json(loaded.definitions.as_json()) == loaded.definitions


def test_all_problems_come_at_once_with_their_lines(write: Callable[..., Path]) -> None:
    root = write(
        a="workspace:\n  name: A\n  zone: Asia/Seol\n  currency: won\n",
        b="traits:\n  - name: orders\n    kind: count\n    evnt: Order Completed\n    event: Order Completed\n",
        c="audiences:\n  - name: x\n    condition: orders >= \n  - name: x\n    condition: visits > 1\n",
        d="audiences: [\n",
    )
    with pytest.raises(InputError) as caught:
        load(root)
    found = [(p.path, p.line, p.code) for p in caught.value.problems]
    assert found == [
        ("a.yaml", 3, "unknown_zone"),
        ("a.yaml", 4, "unknown_currency"),
        ("b.yaml", 4, "unknown_key"),
        ("c.yaml", 3, "syntax"),
        ("c.yaml", 4, "duplicate_name"),
        ("d.yaml", 2, "yaml_syntax"),
    ]
    assert all(p.mend for p in caught.value.problems)
    assert "did you mean 'Asia/Seoul'?" in str(caught.value)
    assert "did you mean 'event'?" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "code", "line", "says"),
    [
        ("audience: []\n", "unknown_key", 1, "did you mean 'audiences'?"),
        ("traits: {name: x}\n", "wrong_type", 1, "'- '"),
        ("- 1\n", "wrong_type", 1, "mapping"),
        ("traits:\n- just text\n", "wrong_type", 2, "mapping"),
        ("traits:\n- {name: x, kind: cuont, event: $page}\n", "wrong_value", 2, "did you mean 'count'?"),
        ("traits:\n- {kind: count, event: $page}\n", "missing_key", 2, "add 'name: …'"),
        ("traits:\n- {name: 7, kind: count, event: $page}\n", "wrong_type", 2, "quotes"),
        ("traits:\n- {name: x, kind: count, event: $page, size: many}\n", "wrong_type", 2, "whole number"),
        ("traits:\n- {name: x, kind: count, event: $page, label: 이름}\n", "wrong_type", 2, "ko: …"),
        ("traits:\n- {name: x, kind: count, event: $page, <<: 1}\n", "merge_key", 2, "write the keys out"),
        ("traits:\n- {name: Big Orders, kind: count, event: $page}\n", "bad_name", 2, "big_orders"),
        ("traits:\n- {name: x, kind: sum, event: $page}\n", "missing", 2, "property"),
        ("traits:\n- {name: x, kind: count, event: $page, window: 30 days}\n", "bad_window", 2, "7d"),
        ("traits:\n- {name: x, kind: decay, event: $page}\n", "missing", 2, "half_life"),
        ("traits:\n- {name: x, kind: count, event: $pages}\n", "unknown_event", 2, "did you mean '$page'?"),
        ("traits:\n- {name: x, kind: last, event: $page, property: page.path}\n", "bad_path", 2, "properties."),
        ("traits:\n- {name: x, kind: count, event: $page, where: properties.x >}\n", "syntax", 2, "where"),
        ("audiences:\n- name: x\n  condition: ordes >= 3\n", "unknown_name", 3, "orders"),
        ("audiences:\n- name: x\n  condition: |\n    orders >= 3\n    AND ordes = 1\n", "unknown_name", 5, "orders"),
        ("offers:\n- {name: x, placements: [], score: 3 * ordes}\n", "unknown_name", 2, "orders"),
        ("stages:\n- name: x\n  condition: orders = 'many'\n", "type_clash", 3, "orders"),
        ("offers:\n- {name: x, placements: [home]}\n", "unknown_placements", 2, "declare it under 'placements:'"),
        ("placements:\n- {name: home, channel: web, fallback: hi}\n", "unknown_offers", 2, "offers"),
        ("placements:\n- {name: home, channel: web, holdout: 1}\n", "out_of_range", 2, "share"),
        ("placements:\n- {name: home, channel: web, cap: 0}\n", "out_of_range", 2, "above 0"),
        ("placements:\n- {name: home, channel: web, cap: 1, cap_window: 10m}\n", "bad_duration", 2, "h (hours), d (days)"),
        ("campaigns:\n- {name: c, starts: 2026-02-01, ends: 2026-01-01}\n", "ends_before_start", 2, "swap"),
        ("campaigns:\n- {name: c, starts: spring}\n", "bad_instant", 2, "ISO 8601"),
        ("campaigns:\n- {name: c, kpi: sales}\n", "unknown_kpis", 2, "kpis"),
        ("channels:\n- {name: c, kind: webhook, medium: email, url: ftp://x, secret: env:S}\n", "bad_url", 2, "http"),
        ("channels:\n- {name: c, kind: webhook, medium: email, url: env:U, secret: pssst}\n", "bad_secret", 2, "whsec_"),
        ("kpis:\n- {name: k, event: Order Completed, measure: sum}\n", "missing_key", 2, "property"),
        ("funnels:\n- {name: f, steps: [{event: Order Completed}]}\n", "too_few_steps", 2, "two"),
        (
            "funnels:\n- name: f\n  steps:\n  - event: Order Completed\n  - {event: $page, within: soon}\n",
            "bad_duration",
            5,
            "whole number",
        ),
        ("identifiers:\n- {name: a, paths: [userId], priority: 1, blocked: ['(']}\n", "bad_pattern", 2, "backslash"),
        ("identifiers:\n- {name: a, paths: [userId], priority: 1, blocked: [$placeholder]}\n", "bad_pattern", 2, "$placeholders"),
        ("identifiers:\n- {name: a, paths: [groupId], priority: 1}\n", "no_identifier", 2, "leave it out"),
        ("identifiers:\n- {name: a, paths: [userId], priority: 1, plus: drop}\n", "unused_option", 2, "normalise: email"),
        ("identifiers:\n- {name: a, paths: [traits.p], priority: 1, normalise: phone, region: Korea}\n", "unknown_country", 2, "ISO 3166"),
        (
            "identifiers:\n- {name: a, paths: [userId], priority: 1}\n- {name: b, paths: [userId], priority: 1}\n",
            "duplicate_priority",
            3,
            "own",
        ),
        (
            "identifiers:\n- {name: a, paths: [traits.email], priority: 1, normalise: email, from_client: true}\n",
            "client_address",
            2,
            "from_client",
        ),
        ("sources:\n- {name: x, trust: client, write_key: short}\n", "weak_key", 2, "longer"),
        ("sources:\n- {name: x, trust: client, write_key: test-server-key}\n", "duplicate_write_key", 2, "own"),
        ("sources:\n- {name: server, trust: client, write_key: another-key}\n", "duplicate_name", 2, "rename"),
        (
            "laws:\n- {name: l, country: KR, channels: [sms], message_class: advertising, quiet_from: '21:00'}\n",
            "half_quiet",
            2,
            "quiet_until",
        ),
        (
            "laws:\n- {name: l, country: Korea, channels: [sms], message_class: advertising, quiet_from: 9pm, quiet_until: '08:00'}\n",
            "bad_clock",
            2,
            "21:00",
        ),
        ("events:\n- {name: E, properties: {revenue: {type: money}}}\n", "bad_path", 2, "properties."),
        ("events:\n- {name: E, properties: {properties.x: {type: money, currency: WON}}}\n", "unknown_currency", 2, "KRW"),
        ("events:\n- {name: E, properties: {properties.x: {type: number, currency: KRW}}}\n", "currency_without_money", 2, "money"),
        ("consent_events:\n- {event: $identify, status: consent}\n", "bad_path", 2, "traits."),
        ("workspace: {name: again}\n", "duplicate_name", 1, "keep one"),
    ],
)
def test_each_problem_has_line_code_and_advice(problems_with: Problems, text: str, code: str, line: int, says: str) -> None:
    mine = [p for p in problems_with(text) if p.path == "more.yaml"]
    found = [p for p in mine if p.code == code]
    assert found, [str(p) for p in mine]
    assert found[0].line == line
    assert says in f"{found[0].what} {found[0].mend}"


def test_a_journey_must_refer_to_what_exists(problems_with: Problems) -> None:
    text = (
        "audiences:\n- {name: regulars, condition: orders >= 3}\n"
        "journeys:\n- name: j\n  trigger: {audience: regular}\n"
        "  message: {channel: mial, placement: weekly, purpose: offers, expires_after: soon}\n  campaign: none\n"
    )
    found = {p.code: p for p in problems_with(text)}
    assert set(found) == {"unknown_audiences", "unknown_channels", "unknown_placements", "unknown_campaigns", "bad_duration"}
    assert found["unknown_audiences"].line == 5
    assert found["unknown_audiences"].mend == "did you mean 'regulars'?"
    assert found["unknown_channels"].line == 6


def test_a_trigger_is_an_audience_or_an_event(problems_with: Problems) -> None:
    message = "message: {channel: c, placement: p, purpose: offers}"
    codes = [p.code for p in problems_with(f"journeys:\n- {{name: j, trigger: {{where: properties.x > 1}}, {message}}}\n")]
    assert {"one_trigger", "where_without_event"} <= set(codes)


def test_a_faulty_trait_causes_one_problem_and_not_one_a_condition(problems_with: Problems) -> None:
    text = "traits:\n- {name: spend, kind: sum, event: Order Completed}\naudiences:\n- {name: big, condition: spend > 10 AND orders > 1}\n"
    assert [p.code for p in problems_with(text)] == ["missing"]


def test_unplanned_events_and_paths_are_warnings(load_with: Load) -> None:
    loaded = load_with(
        "traits:\n- {name: x, kind: count, event: Order Complete}\n"
        "- {name: y, kind: sum, event: Order Completed, property: properties.revenu}\n"
        "kpis:\n- {name: k, event: Refund, measure: count}\n"
    )
    found = [(w.line, w.code) for w in loaded.warnings]
    assert found == [(2, "event_not_planned"), (3, "property_not_planned"), (5, "event_not_planned")]
    assert "did you mean 'Order Completed'?" in loaded.warnings[0].mend
    assert "did you mean 'properties.revenue'?" in loaded.warnings[1].mend


def test_a_secret_in_a_file_and_a_placement_of_another_medium_are_warnings(load_with: Load) -> None:
    loaded = load_with(
        "channels:\n- {name: c, kind: webhook, medium: email, url: 'https://x.example', secret: whsec_abc}\n"
        "audiences:\n- {name: a, condition: orders > 1}\n"
        "placements:\n- {name: p, channel: web, fallback: o}\n"
        "offers:\n- {name: o, placements: [p]}\n"
        "journeys:\n- {name: j, trigger: {audience: a}, message: {channel: c, placement: p, purpose: offers}}\n"
    )
    assert [w.code for w in loaded.warnings] == ["secret_in_file", "medium_differs"]


def test_conditions_may_read_the_moment(load_with: Load, problems_with: Problems) -> None:
    loaded = load_with("audiences:\n- {name: a, condition: orders > 1 AND moment.weekend}\n")
    assert loaded.definitions.audiences[0].condition == "orders > 1 AND moment.weekend"
    (problem,) = problems_with("audiences:\n- {name: a, condition: moment.dayprat = 'night'}\n")
    assert "moment.daypart" in problem.mend


def test_what_is_simulated_should_be_said(load_with: Load) -> None:
    assert [w.code for w in load_with("events:\n- {name: Consent Changed, simulated: true}\n").warnings] == ["simulated_unsaid"]


@pytest.mark.parametrize("kind", ["missing", "file", "empty"])
def test_a_folder_without_a_workspace_says_how_to_make_one(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "w"
    if kind == "file":
        path.write_text("")
    elif kind == "empty":
        path.mkdir()
    with pytest.raises(InputError) as caught:
        load(path)
    (problem,) = caught.value.problems
    assert problem.code == "no_workspace"
    assert "gyeol init" in problem.mend
