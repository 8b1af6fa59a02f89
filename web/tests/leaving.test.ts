import { expect, it } from "vitest";
import { isElsewhere } from "../src/ui/useUnsaved.ts";

const TEXT = { pathname: "/content/texts", search: { content: "ice", variant: "a", tone: "warm" } };

it("asks only where what is edited would go", () => {
  expect(isElsewhere(TEXT, { ...TEXT, search: { ...TEXT.search, tone: "brief", reader: "kim", channel: "sms", lang: "en" } })).toBe(false);
  expect(isElsewhere(TEXT, { ...TEXT, search: { ...TEXT.search, variant: "b" } })).toBe(true);
  expect(isElsewhere(TEXT, { ...TEXT, search: { content: "tea" } })).toBe(true);
  expect(isElsewhere(TEXT, { pathname: "/people", search: {} })).toBe(true);
  expect(
    isElsewhere({ pathname: "/data/rejected", search: { letter: "1" } }, { pathname: "/data/rejected", search: { letter: "2" } }),
  ).toBe(true);
});
