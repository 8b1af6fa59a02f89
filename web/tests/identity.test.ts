import { describe, expect, it } from "vitest";
import type { Evidence, Identifier, Person } from "../src/api/types.ts";
import { readProfile, readQuarantine, readSuggestions } from "../src/app/search.ts";
import { BOX, columnWidth, curve, layoutOf, ROW } from "../src/identity/layout.ts";
import { chosen, proofsOf, refOf } from "../src/identity/proofs.ts";
import { barsOf } from "../src/identity/waterfall.ts";

const one = (type: string, value: string): Identifier => ({ type, value, id: `${type}-${value}` });
const said = (a: Identifier, b: Identifier, more: Partial<Evidence> = {}): Evidence => ({
  a,
  b,
  trust: "server",
  source: "till",
  kind: "event",
  first_ms: 1,
  ...more,
});

function personOf(identifiers: Identifier[], more: Partial<Person> = {}): Person {
  return { identifiers, evidence: [], quarantined: [], withdrawn: [], ...more } as Person;
}

const kim = one("user_id", "kim");
const mail = one("email", "k***@example.com");
const stranger = one("user_id", "lee");

describe("proofs", () => {
  const person = personOf([kim, mail], {
    evidence: [said(kim, mail)],
    quarantined: [said(mail, stranger, { reason: "limit" })],
    withdrawn: [said(kim, one("anonymous_id", "tablet"))],
  });
  const proofs = proofsOf(person);

  it("come by state, and can be chosen by state and identifier", () => {
    expect(proofs.map((proof) => proof.status)).toEqual(["accepted", "held", "cut"]);
    expect(chosen(proofs, "held", undefined)).toHaveLength(1);
    expect(chosen(proofs, "all", refOf(mail)).map((proof) => proof.status)).toEqual(["accepted", "held"]);
    expect(chosen(proofs, "cut", refOf(mail))).toEqual([]);
    expect(new Set(proofs.map((proof) => proof.key)).size).toBe(3);
  });

  it("name an identifier by its id, as its value may be masked", () => {
    expect(refOf(mail)).toBe("email-k***@example.com");
    expect(refOf({ type: "card", value: "7" })).toBe("card:7");
  });
});

describe("the graph", () => {
  it("puts types into columns and other people last", () => {
    const person = personOf([kim, mail], { evidence: [said(kim, mail)], quarantined: [said(mail, stranger)] });
    const { columns, rows, spots, lines } = layoutOf(person.identifiers, proofsOf(person));
    expect([columns, rows]).toEqual([3, 1]);
    expect(spots.map((spot) => [spot.identifier.value, spot.column, spot.foreign])).toEqual([
      ["kim", 0, false],
      ["k***@example.com", 1, false],
      ["lee", 2, true],
    ]);
    expect(lines.map((line) => [line.from.column, line.to.column, line.status])).toEqual([
      [0, 1, "accepted"],
      [1, 2, "held"],
    ]);
  });

  it("gives sixty identifiers places of their own, and one line to each", () => {
    const devices = Array.from({ length: 58 }, (_, i) => one("anonymous_id", `a${i}`));
    const person = personOf([kim, mail, ...devices], { evidence: [mail, ...devices].map((each) => said(kim, each)) });
    const { columns, rows, spots, lines } = layoutOf(person.identifiers, proofsOf(person));
    expect(new Set(spots.map((spot) => `${spot.column}/${spot.row}`)).size).toBe(60);
    expect(rows).toBeLessThanOrEqual(16);
    expect(columns).toBe(6);
    expect(lines).toHaveLength(59);
    expect(ROW).toBeGreaterThan(BOX.height);
    expect(columnWidth(360, columns)).toBeGreaterThan(BOX.width);
  });

  it("draws one line for what several sources say, and round the side within a column", () => {
    const other = one("email", "old");
    const person = personOf([kim, mail, other], {
      evidence: [said(kim, mail), said(kim, mail, { source: "web", count: 3 }), said(mail, other)],
    });
    const { lines } = layoutOf(person.identifiers, proofsOf(person));
    expect(lines.map((line) => line.count)).toEqual([4, 1]);
    const [across, within] = lines.map((line) => curve(line, 200));
    expect(across).toBe("M158 20C179 20 179 46 200 46");
    expect(within?.startsWith("M358 46C")).toBe(true);
  });
});

describe("the waterfall", () => {
  it("goes from the prior to the weight", () => {
    const step = (field: string, bits: number) => ({ field, label: {}, level: {}, left: "", right: "", bits });
    const { bars, least, most } = barsOf({ prior: -8, steps: [step("name", 9), step("phone", -2), step("email", 0)], weight: -1 });
    expect(bars.map((bar) => [bar.key, bar.from, bar.to, bar.tone])).toEqual([
      ["start", 0, -8, "sum"],
      ["name", -8, 1, "for"],
      ["phone", 1, -1, "against"],
      ["email", -1, -1, "none"],
      ["total", 0, -1, "sum"],
    ]);
    expect([least, most]).toEqual([-8, 1]);
  });
});

it("addresses keep what they mean and nothing else", () => {
  expect(readProfile({ view: "identities", proofs: "held", mark: "x", other: 1 })).toEqual({
    view: "identities",
    proofs: "held",
    mark: "x",
  });
  expect(readProfile({ proofs: "all" })).toEqual({});
  expect(readSuggestions({ suggestion: "3-4", x: 1 })).toEqual({ suggestion: "3-4" });
  expect(readQuarantine({ held: 12 })).toEqual({ held: "12" });
});
