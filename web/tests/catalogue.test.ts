import { describe, expect, it } from "vitest";
import { en } from "../src/i18n/en.ts";
import { ko } from "../src/i18n/ko.ts";
import { chooseLang, say } from "../src/i18n/language.tsx";
import { CHANNELS, EVENTS, FIELDS, termOf, UNITS } from "../src/i18n/terms.ts";

/** Words that are the same in both languages on purpose. */
const SAME = new Set(["chart.csv", "language.ko", "language.en", "states.forbiddenCommand"]);
const HANGUL = /[가-힣]/;

function entries(of: object, path = ""): [string, string][] {
  return Object.entries(of).flatMap(([key, value]): [string, string][] => {
    const here = path ? `${path}.${key}` : key;
    if (typeof value === "string") return [[here, value]];
    if (typeof value === "function") return [[here, String(value("7", "3"))]];
    return entries(value, here);
  });
}

describe("the catalogues", () => {
  it("have the same keys, records included", () => {
    expect(entries(ko).map(([key]) => key)).toEqual(entries(en).map(([key]) => key));
  });

  it("say every sentence in Korean", () => {
    const foreign = entries(ko).filter(([key, text]) => !SAME.has(key) && !HANGUL.test(text) && /[a-z]/i.test(text));
    expect(foreign).toEqual([]);
  });

  it("leave no sentence empty and no Korean in English", () => {
    expect(entries(en).filter(([key, text]) => !text.trim() || (HANGUL.test(text) && !SAME.has(key)))).toEqual([]);
    expect(entries(ko).filter(([, text]) => !text.trim())).toEqual([]);
  });

  it("count one thing as one", () => {
    expect(en.people.count("1")).toBe("1 person");
    expect(en.people.count("21")).toBe("21 people");
  });
});

describe("terms", () => {
  it("exist in both languages", () => {
    for (const terms of [CHANNELS, EVENTS, FIELDS, UNITS])
      for (const [name, term] of Object.entries(terms)) {
        expect(HANGUL.test(term.ko), name).toBe(true);
        expect(HANGUL.test(term.en) || !term.en, name).toBe(false);
      }
  });

  it("fall back to the last part of a path, then to the name", () => {
    expect(termOf(FIELDS, "properties.revenue", "ko")).toBe("결제 금액");
    expect(termOf(FIELDS, "properties.colour", "ko")).toBe("properties.colour");
  });
});

describe("the language", () => {
  it("is the address's, else the stored one, else the browser's", () => {
    expect(chooseLang("en", "ko", ["ko-KR"])).toBe("en");
    expect(chooseLang(undefined, "ko", ["en-US"])).toBe("ko");
    expect(chooseLang("fr", null, ["ko-KR", "en"])).toBe("ko");
    expect(chooseLang(undefined, "nonsense", ["de-DE", "ko"])).toBe("en");
    expect(chooseLang(undefined, null, [])).toBe("en");
  });

  it("takes the other language's text before a bare name", () => {
    expect(say({ ko: "단골" }, "en", "loyal")).toBe("단골");
    expect(say(undefined, "en", "loyal")).toBe("loyal");
  });
});
