import { describe, expect, it } from "vitest";
import type { LiveItem } from "../src/api/running.ts";
import { kindsOf, readLive } from "../src/app/search.ts";
import { EMPTY, type Entry, KEPT, release, take } from "../src/live/feed.ts";

const item = (n: number): LiveItem => ({ id: String(n), at: n, kind: "event", simulated: false, person: null });
const items = (from: number, until: number) => Array.from({ length: until - from }, (_, i) => item(from + i));
const ids = (entries: readonly Entry[]) => entries.map((one) => one.id);

describe("the feed", () => {
  it("shows what came, newest first, each once", () => {
    const feed = take(take(EMPTY, items(0, 3), false), [...items(2, 5), item(4)], false);
    expect(ids(feed.shown)).toEqual(["4", "3", "2", "1", "0"]);
  });

  it("keeps a bounded number", () => {
    const feed = take(EMPTY, items(0, KEPT + 50), false);
    expect(feed.shown).toHaveLength(KEPT);
    expect(feed.shown[0]?.id).toBe(String(KEPT + 49));
  });

  it("holds still while it is held, and counts all that waits, also what no longer fits", () => {
    const before = take(EMPTY, items(0, 3), false);
    const held = take(take(before, items(3, 5), true), items(5, KEPT + 10), true);
    expect(held.shown).toBe(before.shown);
    expect(held.waiting).toHaveLength(KEPT);
    expect(held.waitingCount).toBe(KEPT + 7);
    const free = release(held);
    expect(free.shown[0]?.id).toBe(String(KEPT + 9));
    expect(free).toMatchObject({ waiting: [], waitingCount: 0 });
  });

  it("does not count a gap as something that waits", () => {
    expect(take(EMPTY, [{ id: "gap-1", kind: "gap", missed: 4 }], true).waitingCount).toBe(0);
  });

  it("is the same object when nothing is new", () => {
    const feed = take(EMPTY, items(0, 3), false);
    expect(take(feed, items(0, 3), false)).toBe(feed);
    expect(release(feed)).toBe(feed);
  });
});

describe("the address of Live", () => {
  it("names kinds in the order of the filters; all or none is all", () => {
    expect(readLive({ kind: "decision,event,nonsense", person: 1349 })).toEqual({ kind: "event,decision", person: "1349" });
    expect(readLive({ kind: "event,decision,audience,stage,message,delivery,identity,rejected" })).toEqual({});
    expect(kindsOf(undefined)).toHaveLength(8);
    expect(kindsOf("nonsense")).toHaveLength(8);
  });
});
