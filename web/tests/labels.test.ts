import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ApiError } from "../src/api/client.ts";
import { en } from "../src/i18n/en.ts";
import facts from "../src/i18n/facts.json" with { type: "json" };
import { FAULTS, faultText } from "../src/i18n/faults.ts";
import { ko } from "../src/i18n/ko.ts";
import { EVENTS, FIELDS } from "../src/i18n/terms.ts";
import { FACT_VALUES, SENDERS, signOf, wordFor } from "../src/i18n/values.ts";

/** Every code that the server can send, written by `tests/golden/console/test_codes.py`. */
const codes = JSON.parse(readFileSync(join(import.meta.dirname, "../../tests/golden/console/codes.json"), "utf8")) as Record<
  string,
  string[]
>;
const HANGUL = /[가-힣]/;

function both(words: [Record<string, unknown>, Record<string, unknown>], kind: string): string[] {
  return (codes[kind] ?? []).filter((code) => words.some((one) => !one[code]));
}

describe("every code that the server can send has a word in both languages", () => {
  it.each([
    ["gates", ko.decisions.gates, en.decisions.gates],
    ["message_states", ko.decisions.states, en.decisions.states],
    ["coupon_states", ko.coupons.states, en.coupons.states],
    ["commands", ko.audit.kinds, en.audit.kinds],
    ["evidence", ko.identities.kinds, en.identities.kinds],
    ["events", EVENTS, EVENTS],
  ] as const)("%s", (kind, korean, english) => {
    expect(codes[kind]?.length).toBeGreaterThan(1);
    expect(both([korean, english], kind)).toEqual([]);
  });

  it("signs of an intent", () => {
    for (const sign of codes.signs ?? []) {
      expect(HANGUL.test(signOf(sign, "ko")), sign).toBe(true);
      expect(signOf(sign, "en"), sign).not.toBe(sign);
    }
  });

  it("facts of the Moment and their values", () => {
    for (const [name, fact] of Object.entries(facts)) {
      expect(HANGUL.test(FIELDS[name]?.ko ?? ""), name).toBe(true);
      expect(FIELDS[name]?.en || fact.en, name).toBeTruthy();
      for (const value of Object.keys(FACT_VALUES[name] ?? {})) {
        expect(HANGUL.test(wordFor(name, value, "ko")), `${name} ${value}`).toBe(true);
        expect(HANGUL.test(wordFor(name, value, "en")), `${name} ${value}`).toBe(false);
      }
    }
  });
});

describe("words for values", () => {
  it("are looked up by the last part of a name, and a category is one whatever its prefix", () => {
    expect(wordFor("properties.category", "dessert", "ko")).toBe("디저트");
    expect(wordFor("favourite_category", "tea", "ko")).toBe("차");
    expect(wordFor("category", "nobody_knows", "ko")).toBe("nobody_knows");
    expect(wordFor("intent_evidence", "count.home, many_products, last.help", "ko")).toBe(
      "첫 화면 횟수, 여러 상품을 봄, 마지막 행동: 고객센터",
    );
    expect(SENDERS.admin?.ko).toBe("담당자");
  });
});

describe("what went wrong", () => {
  it("is said by its code, else by its status, else as the server said it", () => {
    const wrong = (status: number, code: string) => faultText(new ApiError(status, code, "in English"), "ko");
    expect(wrong(404, "unknown_person")).toBe(FAULTS.unknown_person?.ko);
    for (const status of [400, 404, 409, 429, 500, 503]) expect(HANGUL.test(wrong(status, "new_code"))).toBe(true);
    expect(wrong(200, "odd")).toBe("in English");
  });
});
