import { describe, expect, it } from "vitest";
import type { SourceState } from "../src/api/running.ts";
import { readLetters, readSources, SDKS } from "../src/app/search.ts";
import { eventFault } from "../src/data/eventFault.ts";
import { sdksFor, snippetOf } from "../src/data/snippets.ts";

describe("an event being corrected", () => {
  const good = { type: "track", event: "Order Completed", userId: "kim" };

  it("has no fault when it can be sent", () => {
    expect(eventFault(JSON.stringify(good, null, 2))).toBeNull();
    expect(eventFault('{"type":"page","anonymousId":7}')).toBeNull();
  });

  it.each([
    ['{"type": "track",\n "event": }', 2, 11],
    ['{"type": "track"', 1, 17],
    ['{"a": [1, 2,]}', 1, 13],
    ["{'a': 1}", 1, 2],
    ['{"a": 1} x', 1, 10],
    ['{"a": 01}', 1, 8],
    ['{"a": "b\n"}', 1, 7],
    ['{"a" 1}', 1, 6],
  ])("says where JSON breaks: %s", (text, line, column) => {
    expect(eventFault(text)).toEqual({ code: "json", line, column, blocks: true });
  });

  it("blocks what is no event, and only warns of what the collector will probably refuse", () => {
    expect(eventFault("  ")).toMatchObject({ code: "empty", blocks: true });
    expect(eventFault("[1]")).toMatchObject({ code: "object", blocks: true });
    expect(eventFault("null")).toMatchObject({ code: "object", blocks: true });
    expect(eventFault('{"type":"buy","userId":"a"}')).toMatchObject({ code: "type", blocks: false });
    expect(eventFault('{"type":"page","userId":""}')).toMatchObject({ code: "identity", blocks: false });
    expect(eventFault('{"type":"page","userId":"a","timestamp":"yesterday"}')).toMatchObject({ code: "timestamp", blocks: false });
    expect(eventFault('{"type":"page","userId":"a","timestamp":"2018-01-02T12:00:00.000Z"}')).toBeNull();
    expect(eventFault('{"type":"track","userId":"a"}')).toMatchObject({ code: "event", blocks: false });
  });
});

describe("the set-up of a source", () => {
  const source = (kind: SourceState["kind"]): SourceState => ({
    name: "web",
    label: {},
    kind,
    channel: "web",
    enabled: true,
    write_key: "k",
    origins: [],
    events: 0,
    last_at: null,
    verdicts: { accepted: 0, duplicate: 0, rejected: 0 },
    rejected: [],
  });

  it("holds the real address and key", () => {
    for (const sdk of SDKS) {
      const { code } = snippetOf(sdk, "http://127.0.0.1:8400/", "demo-key");
      expect(code, sdk).toContain("127.0.0.1:8400");
      expect(code, sdk).not.toContain("8400//");
      expect(code, sdk).toContain("demo-key");
    }
  });

  it("puts no secret key into a page", () => {
    expect(sdksFor(source("client"))).toEqual(SDKS);
    expect(sdksFor(source("server"))).toEqual(["node", "python", "curl"]);
  });
});

describe("the addresses of Data", () => {
  it("are read as far as they make sense", () => {
    expect(readSources({ source: "web", sdk: "python" })).toEqual({ source: "web", sdk: "python" });
    expect(readSources({ sdk: "cobol" })).toEqual({});
    expect(readLetters({ letter: "dl_9", status: "waiting", code: "bad_json" })).toEqual({ letter: "dl_9", code: "bad_json" });
    expect(readLetters({ status: "all" })).toEqual({ status: "all" });
  });
});
