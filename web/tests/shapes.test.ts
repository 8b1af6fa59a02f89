import { describe, expect, it } from "vitest";
import type { Explained, TimelineEvent } from "../src/api/types.ts";
import { readMeasure, readPeople, readProfile, readRoot } from "../src/app/search.ts";
import { toCsv } from "../src/charts/csv.ts";
import { byDay } from "../src/profile/byDay.ts";
import { leavesOf } from "../src/profile/leavesOf.ts";
import { fnv1a, ringsOf } from "../src/ui/Grain.tsx";

describe("CSV", () => {
  it("quotes what needs it and ends lines as RFC 4180 says", () => {
    const table = { columns: ["단계", "people"], rows: [["a,b", 1] as const, ['say "hi"', null] as const, ["two\nlines", 0.5] as const] };
    expect(toCsv(table)).toBe('단계,people\r\n"a,b",1\r\n"say ""hi""",\r\n"two\nlines",0.5\r\n');
  });

  it("hands no formula to a spreadsheet", () => {
    expect(toCsv({ columns: ["x"], rows: [["=1+1"], ["@a"], [-3]] })).toBe("x\r\n'=1+1\r\n'@a\r\n-3\r\n");
  });
});

describe("the tests of a condition", () => {
  const test = (sql: string): Explained => ({ op: "=", sql, verdict: "true" });

  it("come from left to right, the first of a group says how it is joined", () => {
    const tree: Explained = {
      op: "AND",
      verdict: "true",
      parts: [test("a"), { op: "OR", verdict: "true", parts: [test("b"), test("c")] }, test("d")],
    };
    expect(leavesOf(tree).map(({ leaf, joint, depth }) => [leaf.sql, joint, depth])).toEqual([
      ["a", "and", 0],
      ["b", "or", 1],
      ["c", null, 1],
      ["d", null, 0],
    ]);
    expect(new Set(leavesOf(tree).map((one) => one.path)).size).toBe(4);
  });

  it("may be a single one", () => {
    expect(leavesOf(test("a"))).toEqual([{ leaf: test("a"), path: "0", depth: 0, joint: null }]);
  });
});

describe("the timeline", () => {
  it("groups by day in the order in which events come", () => {
    const event = (offset: number, time: number): TimelineEvent => ({
      offset,
      time,
      name: "Order Completed",
      type: "track",
      source: "till",
      channel: "store",
      summary: {},
      properties: {},
      traits: {},
      simulated: false,
    });
    const days = byDay([event(9, 20), event(8, 20), event(7, 5)], (at) => (Number(at) >= 10 ? "later" : "earlier"));
    expect(days.map((day) => [day.key, day.first, day.events.map((one) => one.offset)])).toEqual([
      ["later", 20, [9, 8]],
      ["earlier", 5, [7]],
    ]);
  });
});

describe("the address", () => {
  it("is read as far as it makes sense", () => {
    expect(readRoot({ lang: "ko", table: "stages" })).toEqual({ lang: "ko", table: "stages" });
    expect(readRoot({ lang: "xx", table: ["a"] })).toEqual({});
    expect(readPeople({ q: 1049, audience: "" })).toEqual({ q: "1049" });
    expect(readMeasure({ funnel: "f", q: "x" })).toEqual({ funnel: "f" });
    expect(readProfile({ view: "traits" })).toEqual({ view: "traits" });
    expect(readProfile({ view: "timeline" })).toEqual({});
    expect(readProfile({ view: "admin", decision: "d-1" })).toEqual({ decision: "d-1" });
  });
});

describe("the grain", () => {
  it("hashes as FNV-1a does", () => {
    // Source: test vectors of draft-eastlake-fnv-21, appendix C.
    expect(fnv1a("")).toBe(0x811c9dc5);
    expect(fnv1a("a")).toBe(0xe40c292c);
    expect(fnv1a("foobar")).toBe(0xbf9cf968);
  });

  it("is the same for the same person and another for another", () => {
    expect(ringsOf("a")).toEqual(ringsOf("a"));
    expect(ringsOf("a").paths).not.toEqual(ringsOf("b").paths);
    expect(ringsOf("a").paths.every((path) => path.startsWith("M") && !path.includes("NaN"))).toBe(true);
  });
});
