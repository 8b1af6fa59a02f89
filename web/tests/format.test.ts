import { describe, expect, it } from "vitest";
import { formatFor } from "../src/format/format.ts";
import { en } from "../src/i18n/en.ts";
import { ko } from "../src/i18n/ko.ts";

const inKorean = formatFor("ko", "Asia/Seoul", ko.values);
const inEnglish = formatFor("en", "America/New_York", en.values);
const NOON = Date.UTC(2024, 1, 29, 3, 30);

describe("money", () => {
  it("knows how many digits a currency has", () => {
    expect(inKorean.money({ minor: 12500, currency: "KRW" })).toBe("₩12,500");
    expect(inEnglish.money({ minor: 12500, currency: "USD" })).toBe("$125.00");
    expect(inEnglish.money({ minor: 12345, currency: "KWD" }).replace(/\s/, " ")).toBe("KWD 12.345");
  });

  it("shortens large sums in the words of the language", () => {
    expect(inKorean.compactMoney({ minor: 458_873_942, currency: "USD" })).toBe("$458.9만");
    expect(inEnglish.compactMoney({ minor: 458_873_942, currency: "USD" })).toBe("$4.6m");
  });

  it("keeps negative sums negative", () => {
    expect(inEnglish.money({ minor: -5, currency: "USD" })).toBe("-$0.05");
  });
});

describe("shares", () => {
  it("say all only where it is all", () => {
    expect(inEnglish.share(1)).toBe("100%");
    expect(inEnglish.share(2_468 / 2_469)).toBe("99.9%");
    expect(inEnglish.share(0.583)).toBe("58.3%");
    expect(inEnglish.share(0)).toBe("0%");
    expect(inEnglish.share(1 / 5_773)).toBe("<0.1%");
    expect(inKorean.share(1 / 5_773)).toBe("<0.1%");
  });
});

describe("instants", () => {
  it("are shown in the workspace's zone", () => {
    expect(inKorean.time(NOON)).toBe("12:30");
    expect(inEnglish.time(NOON)).toBe("22:30");
    expect(inKorean.dayKey(NOON)).toBe("2024-02-29");
    expect(inEnglish.dayKey(NOON)).toBe("2024-02-28");
  });

  it("may come as ISO text", () => {
    expect(inKorean.time("2024-02-29T03:30:00Z")).toBe(inKorean.time(NOON));
  });

  it("are told from the engine's clock, not the machine's", () => {
    expect(inEnglish.relative(NOON - 3 * 3_600_000, NOON)).toBe("3 hr ago");
    expect(inKorean.relative(NOON - 2 * 86_400_000, NOON)).toBe("그저께");
    expect(inEnglish.relative(NOON, NOON)).toBe("now");
  });
});

describe("values", () => {
  it("are written in the language", () => {
    expect(inKorean.value(true)).toBe("예");
    expect(inEnglish.value(false)).toBe("no");
    expect(inEnglish.value(null)).toBe("none");
    expect(inEnglish.value([1234.5, "a", { minor: 100, currency: "USD" }])).toBe("1,234.5, a, $1.00");
    expect(inEnglish.value({ nested: 1 })).toBe('{"nested":1}');
  });
});

describe("the zone", () => {
  it("is said as people write it", () => {
    expect(inKorean.zone(0)).toBe("GMT+9");
  });
});

describe("a large sum", () => {
  it("keeps its separators when it is shortened", () => {
    expect(inKorean.compactMoney({ minor: 79_471_700, currency: "KRW" })).toBe("₩7,947.2만");
  });
});
