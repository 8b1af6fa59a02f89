/** Sixty made-up people with everything that the console shows of a person; the same at every start. */

import type { Golden } from "../src/api/identity.ts";
import type { AudienceOfPerson, Explained, Identifier, Person, PersonRow, Trait, Value, Verdict } from "../src/api/types.ts";
import { householdOf } from "./groups.ts";
import { AUDIENCES, GIVEN, STAGES, SURNAMES, WESTERN } from "./words.ts";

export const NOW_MS = Date.UTC(2017, 11, 31, 14, 12);
export const DAY_MS = 86_400_000;
const COUNT = 93;
/** Somebody with sixty identifiers. */
const CROWD = 11;

/** Evenly spread numbers in [0, 1) for (person, what). */
export function pick(person: number, what: number): number {
  let x = Math.imul(person + 1, 0x9e3779b1) ^ Math.imul(what + 7, 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d);
  x = Math.imul(x ^ (x >>> 12), 0x297a2d39);
  return ((x ^ (x >>> 15)) >>> 0) / 2 ** 32;
}

const oneOf = <T>(items: readonly T[], at: number): T => items[Math.floor(at * items.length)] as T;
const hex = (person: number) =>
  Array.from({ length: 4 }, (_, i) =>
    Math.floor(pick(person, 90 + i) * 2 ** 32)
      .toString(16)
      .padStart(8, "0"),
  ).join("");

interface Facts {
  baskets: number;
  baskets30: number;
  mean: number;
  revenue: number;
  redemptions: number;
  store: string;
  age: string | null;
  lastSeen: number;
}

function factsOf(i: number): Facts {
  const baskets = Math.floor(3 + pick(i, 1) ** 2 * 180);
  const mean = Math.round(1200 + pick(i, 2) * 7800);
  return {
    baskets,
    baskets30: pick(i, 3) < 0.2 ? 0 : Math.floor(pick(i, 3) * 9),
    mean,
    revenue: baskets * mean,
    redemptions: Math.floor(pick(i, 4) ** 3 * 9),
    store: oneOf(["367", "406", "343", "292", "31862"], pick(i, 5)),
    age: pick(i, 6) < 0.3 ? null : oneOf(["19-24", "25-34", "35-44", "45-54", "55-64", "65+"], pick(i, 7)),
    lastSeen: NOW_MS - Math.floor(pick(i, 8) ** 2 * 60 * DAY_MS) - 120_000,
  };
}

function nameOf(i: number): string | null {
  if (pick(i, 10) < 0.12) return null;
  return pick(i, 11) < 0.7 ? oneOf(SURNAMES, pick(i, 12)) + oneOf(GIVEN, pick(i, 13)) : oneOf(WESTERN, pick(i, 14));
}

function identifiersOf(i: number): Identifier[] {
  const found: Identifier[] = [{ type: "household", value: `H${1000 + i * 7}`, label: { ko: "가구", en: "Household" } }];
  if (pick(i, 20) < 0.7)
    found.push({
      type: "card",
      value: `•••• ${String(1000 + Math.floor(pick(i, 21) * 8999))}`,
      label: { ko: "멤버십 카드", en: "Loyalty card" },
    });
  if (pick(i, 22) < 0.55)
    found.push({ type: "email", value: `${hex(i).slice(0, 2)}•••@example.com`, label: { ko: "이메일", en: "E-mail" } });
  const devices = i === CROWD ? 58 : pick(i, 23) < 0.5 ? 1 : 0;
  for (let at = 0; at < devices; at++)
    found.push({ type: "anonymous_id", value: `a-${hex(i).slice(8, 18)}${at || ""}`, label: { ko: "기기", en: "Device" } });
  return found.map((one) => ({ ...one, id: idOf(`${one.type}:${one.value}`) }));
}

/** What stands for the keyed hash of an identifier. */
function idOf(text: string): string {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return Array.from({ length: 4 }, (_, i) => (Math.imul(hash ^ (i * 0x9e3779b1), 0x85ebca6b) >>> 0).toString(16).padStart(8, "0")).join("");
}

/** Which of several values is used: the first of its kind. */
function goldenOf(identifiers: readonly Identifier[], at: number): Golden[] {
  const email = identifiers.find((one) => one.type === "email");
  if (!email) return [];
  const others = [{ type: "email", value: "ol•••@example.com", label: email.label ?? {}, id: idOf("email:old") }];
  const why = { rule: "most_recent", source: "till", trust: "server", at: at - 20 * DAY_MS, count: 4, others };
  return [{ attribute: "email", value: email.value, id: email.id ?? "", label: email.label ?? {}, why }];
}

/** Which events the made-up traits come from. */
const FROM: Record<string, string[]> = {
  age_band: ["$identify"],
  redemptions_90d: ["Coupon Redeemed"],
  page_views_24h: ["$page", "Product Viewed"],
};

function trait(name: string, kind: string, ko: string, en: string, value: Value, more: Partial<Trait> = {}): Trait {
  const source = FROM[name] ?? ["Order Completed"];
  return {
    name,
    kind,
    label: { ko, en },
    value,
    unit: null,
    type: "number",
    simulated: false,
    description: {},
    estimate: false,
    source,
    ...more,
  };
}

const usd = (minor: number) => ({ minor, currency: "USD" });

function traitsOf(i: number, facts: Facts): Trait[] {
  return [
    trait("baskets", "count", "장바구니 수", "Baskets", facts.baskets, { unit: "baskets" }),
    trait("baskets_30d", "count", "최근 30일 장바구니 수", "Baskets in 30 days", facts.baskets30, { unit: "baskets" }),
    trait("revenue", "sum", "누적 구매액", "Revenue", usd(facts.revenue), {
      type: "money",
      description: { ko: "쿠폰을 뺀, 계산대에서 치른 금액의 합", en: "What was paid at the till, coupons taken off" },
    }),
    trait("basket_mean", "mean", "평균 장바구니 금액", "Average basket", usd(facts.mean), { type: "money" }),
    trait("redemptions_90d", "count", "최근 90일 쿠폰 사용", "Coupon redemptions in 90 days", facts.redemptions),
    trait("last_basket_at", "last", "최근 구매 시각", "Last basket", facts.lastSeen, { type: "time", unit: "time" }),
    trait("store_top", "top", "가장 자주 가는 매장", "Favourite store", [facts.store], { type: "list" }),
    trait("departments", "recent", "최근 산 분류", "Recent departments", ["PRODUCE", "DAIRY", "GROCERY", "BAKERY"].slice(0, 2 + (i % 3)), {
      type: "list",
    }),
    trait("products_distinct", "distinct", "구매한 상품 종류", "Different products", Math.floor(facts.baskets * 7.4), {
      estimate: facts.baskets > 60,
    }),
    trait("age_band", "last", "연령대", "Age band", facts.age, { type: "text" }),
    trait("page_views_24h", "count", "최근 24시간 조회 수", "Page views in 24 hours", Math.floor(pick(i, 30) * 14), {
      simulated: true,
      description: {
        ko: "매장 자료에는 웹 행동이 없어 모의로 만들었습니다",
        en: "The store data has no web behaviour, so it is simulated",
      },
    }),
    trait("last_device", "last", "최근 기기", "Last device", pick(i, 31) < 0.5 ? "mobile" : null, { type: "text", simulated: true }),
  ];
}

function leaf(subject: string, op: string, found: Value, wanted: Value, verdict: Verdict): Explained {
  return { op, verdict, sql: `${subject} ${op} ${String(wanted)}`, subject, found, wanted: [wanted] };
}

const judge = (holds: boolean | null): Verdict => (holds === null ? "unknown" : holds ? "true" : "false");

function all(...parts: Explained[]): Explained {
  const verdicts = parts.map((part) => part.verdict);
  return { op: "AND", parts, verdict: verdicts.includes("false") ? "false" : verdicts.includes("unknown") ? "unknown" : "true" };
}

function any(...parts: Explained[]): Explained {
  const verdicts = parts.map((part) => part.verdict);
  return { op: "OR", parts, verdict: verdicts.includes("true") ? "true" : verdicts.includes("unknown") ? "unknown" : "false" };
}

function explainedOf(name: string, facts: Facts): Explained {
  switch (name) {
    case "big_baskets":
      return all(
        leaf("basket_mean", ">=", facts.mean, 6000, judge(facts.mean >= 6000)),
        leaf("baskets_30d", ">=", facts.baskets30, 3, judge(facts.baskets30 >= 3)),
      );
    case "slipping":
      return all(
        leaf("baskets", ">=", facts.baskets, 20, judge(facts.baskets >= 20)),
        leaf("baskets_30d", "=", facts.baskets30, 0, judge(facts.baskets30 === 0)),
      );
    case "coupon_fans":
      return leaf("redemptions_90d", ">=", facts.redemptions, 2, judge(facts.redemptions >= 2));
    case "silver_households":
      return leaf("age_band", "=", facts.age, "65+", judge(facts.age === null ? null : facts.age === "65+"));
    default:
      return all(
        leaf("moment.weather", "=", "rain", "rain", "true"),
        any(leaf("store_top", "contains", facts.store, "367", judge(facts.store === "367")), {
          ...leaf("last_device", "=", null, "mobile", "unknown"),
          stale: ["last_device"],
        }),
      );
  }
}

function audiencesOf(facts: Facts): AudienceOfPerson[] {
  return AUDIENCES.map((audience) => {
    const explained = explainedOf(audience.name, facts);
    const member = explained.verdict === "true";
    return {
      name: audience.name,
      label: audience.label,
      member,
      since: member ? facts.lastSeen : null,
      sentence: audience.sentence,
      explained,
    };
  });
}

function observed(value: Value, stale: boolean): Value {
  return { value, source: "clock", observed_at: "2017-12-31T14:12:00.000Z", stale };
}

function make(i: number): Person {
  const facts = factsOf(i);
  const identifiers = identifiersOf(i);
  const first = identifiers[0] as Identifier;
  const evidence = identifiers.slice(1).map((other, at) => ({
    a: first,
    b: other,
    source: other.type === "anonymous_id" ? "web (simulated)" : "till",
    first_ms: facts.lastSeen - (200 - at * 30) * DAY_MS,
    count: 1 + Math.floor(facts.baskets / 3),
    kind: "event",
    trust: other.type === "anonymous_id" ? "client" : "server",
  }));
  const shared = { type: "email", value: "in•••@example.com", label: { ko: "이메일", en: "E-mail" }, id: idOf("email:info") };
  const till = { type: "card", value: "•••• 7001", label: { ko: "멤버십 카드", en: "Loyalty card" }, id: idOf("card:7001") };
  const tablet = { type: "anonymous_id", value: "a-tablet", label: { ko: "기기", en: "Device" }, id: idOf("anonymous_id:tablet") };
  return {
    id: hex(i),
    name: nameOf(i),
    simulated: pick(i, 31) < 0.5,
    events: 34 + (i % 30),
    shared: i % 6 === 0 ? [shared] : [],
    groups: [householdOf(i)],
    stage: facts.baskets30 === 0 ? (STAGES[7] ?? null) : facts.baskets > 60 ? (STAGES[5] ?? null) : (STAGES[4] ?? null),
    first_seen: Date.UTC(2017, 0, 1 + (i % 40), 9, 30),
    last_seen: facts.lastSeen,
    identifiers,
    evidence,
    quarantined:
      i % 6 === 0
        ? [
            {
              a: first,
              b: shared,
              source: "till",
              first_ms: facts.lastSeen - 40 * DAY_MS,
              kind: "event",
              trust: "server",
              verdict: "shared",
              reason: "shared_identifier",
              other_person: null,
            },
            {
              a: first,
              b: till,
              source: "till",
              first_ms: facts.lastSeen - 12 * DAY_MS,
              count: 2,
              kind: "event",
              trust: "server",
              verdict: "quarantined",
              reason: "limit",
              type: "household",
              limit: 1,
              other_person: hex(i + 1),
            },
          ]
        : [],
    withdrawn:
      i % 6 === 0
        ? [
            {
              a: first,
              b: tablet,
              source: "web (simulated)",
              first_ms: facts.lastSeen - 30 * DAY_MS,
              count: 1,
              kind: "event",
              trust: "client",
              verdict: "cut",
              reason: "cut",
              other_person: hex(i + 2),
            },
          ]
        : [],
    golden: goldenOf(identifiers, facts.lastSeen),
    traits: traitsOf(i, facts).map((one, at) => ({ ...one, updated_at: facts.lastSeen - at * 3 * DAY_MS })),
    audiences: audiencesOf(facts),
    consents: [
      {
        status: i % 4 ? "granted" : "withdrawn",
        channel: "email",
        purpose: "offers",
        at_ms: facts.lastSeen - 90 * DAY_MS,
        source: "crm",
        proof: "sign-up form",
        simulated: true,
      },
    ],
    moment: {
      weather: observed("rain", i % 7 === 0),
      daypart: observed("morning", false),
      weekday: observed("sun", false),
      weekend: observed(true, false),
      holiday: i % 2 ? observed(false, false) : null,
    },
  };
}

export const PEOPLE: Person[] = Array.from({ length: COUNT }, (_, i) => make(i)).sort((a, b) => Number(b.last_seen) - Number(a.last_seen));

export function rowOf(person: Person): PersonRow {
  return {
    id: person.id,
    name: person.name ?? person.identifiers[0]?.value ?? "",
    identifiers: person.identifiers.slice(0, 2),
    stage: person.stage,
    last_seen: person.last_seen,
    audiences: person.audiences.filter((one) => one.member).map((one) => one.name),
    traits: Object.fromEntries(person.traits.slice(0, 3).map((one) => [one.name, one.value])),
  };
}
