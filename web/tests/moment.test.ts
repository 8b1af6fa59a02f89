import { expect, it } from "vitest";
import type { MomentFact } from "../src/api/results.ts";
import { brakeOf, inOrder, tellingFacts } from "../src/profile/telling.ts";

const fact = (name: string, value: MomentFact["value"], stale = false): MomentFact => ({
  name: `moment.${name}`,
  label: {},
  value: stale ? null : value,
  last: value,
  said: {},
  source: "clock",
  observed_at: 0,
  age_s: 0,
  until: null,
  confidence: 1,
  stale,
});

it("the facts of a Moment that tell most come first; what has aged, says nothing or is for machines does not come", () => {
  const facts = [
    fact("daypart", "night"),
    fact("hour", 4),
    fact("commute", "none"),
    fact("open_complaint", false),
    fact("intent", "buy", true),
    fact("emotion_trend", 0),
    fact("tone", "brief"),
  ];
  expect(tellingFacts(facts).map((one) => one.name)).toEqual(["moment.tone", "moment.emotion_trend", "moment.daypart"]);
  expect(tellingFacts([])).toEqual([]);
});

it("what stops promotion is seen, a complaint before an intent; one that has aged is not known to be settled", () => {
  expect(brakeOf([fact("open_complaint", true), fact("intent", "help")])).toBe("complaint");
  expect(brakeOf([fact("open_complaint", true, true)])).toBe("unsettled");
  expect(brakeOf([fact("open_complaint", false), fact("intent", "leave")])).toBe("leave");
  expect(brakeOf([fact("open_complaint", false, true), fact("intent", "help", true)])).toBeNull();
});

it("all facts: what tells most first, what has aged last", () => {
  const facts = [fact("hour", 4), fact("intent", "buy", true), fact("daypart", "night"), fact("tone", "brief")];
  expect(inOrder(facts).map((one) => one.name)).toEqual(["moment.tone", "moment.daypart", "moment.hour", "moment.intent"]);
});
