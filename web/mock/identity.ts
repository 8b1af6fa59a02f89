/** What of who is who waits for somebody, made up: suggestions with their waterfalls, evidence in quarantine, previews of commands. */
import type { AuditEntry, Foreseen, HeldEvidence, Party, Preview, Step, Suggestion } from "../src/api/identity.ts";
import type { Person } from "../src/api/types.ts";
import { DAY_MS, NOW_MS, PEOPLE, pick } from "./people.ts";

const COUNT = 7;
const person = (at: number): Person => PEOPLE[at % PEOPLE.length] as Person;
const nameOf = (of: Person): string => of.name ?? of.identifiers[0]?.value ?? "";
const party = (of: Person): Party => ({ id: of.id, name: nameOf(of), identifiers: of.identifiers.slice(0, 3) });
const side = (of: Person) => ({
  person: of.id,
  name: nameOf(of),
  identifier: of.identifiers[0] ?? { type: "household", value: "H0", id: "0" },
});

const LABELS = {
  name: { ko: "이름", en: "name" },
  birth: { ko: "생년월일", en: "date of birth" },
  phone: { ko: "전화번호", en: "phone number" },
  email: { ko: "이메일", en: "e-mail address" },
  address: { ko: "주소", en: "address" },
};

function stepsOf(i: number): Step[] {
  const same = i % 3 !== 2;
  return [
    {
      field: "name",
      label: LABELS.name,
      level: { ko: "로마자로 같은 소리", en: "same sound in Latin letters" },
      left: "백하나",
      right: "Hana Baek",
      bits: 9.3,
    },
    {
      field: "birth",
      label: LABELS.birth,
      level: { ko: "같은 날", en: "same date" },
      left: "1990-**-03",
      right: "1990-**-03",
      bits: 12.1 - i * 0.4,
    },
    same
      ? {
          field: "phone",
          label: LABELS.phone,
          level: { ko: "숫자 하나 다름", en: "one digit apart" },
          left: "***6789",
          right: "***6788",
          bits: 8.2 - i * 0.5,
        }
      : { field: "phone", label: LABELS.phone, level: { ko: "다름", en: "different" }, left: "***6789", right: "***1200", bits: -2.1 },
    {
      field: "email",
      label: LABELS.email,
      level: { ko: "알 수 없음", en: "unknown" },
      left: "h***@example.com",
      right: "",
      bits: 0,
    },
    { field: "address", label: LABELS.address, level: { ko: "다름", en: "different" }, left: "서울 ***", right: "부산 ***", bits: -2.2 },
  ];
}

function suggestion(i: number): Suggestion {
  const steps = stepsOf(i);
  const prior = -8;
  const weight = Math.round((prior + steps.reduce((sum, step) => sum + step.bits, 0)) * 1000) / 1000;
  return {
    id: `${10 + i}-${40 + i}`,
    weight,
    probability: 1 / (1 + 2 ** -weight),
    prior,
    steps,
    a: side(person(i * 2 + 3)),
    b: side(person(i * 2 + 4)),
    at: NOW_MS - i * DAY_MS,
    model: "d51c6f20aa31",
    by_servers: i !== 1,
  };
}

export const SUGGESTIONS: Suggestion[] = Array.from({ length: COUNT }, (_, i) => suggestion(i)).sort((a, b) => b.weight - a.weight);

export const HELD: HeldEvidence[] = Array.from({ length: 4 }, (_, i): HeldEvidence => {
  const [one, other] = [person(i * 3 + 5), person(i * 3 + 6)];
  const values = [one, other].flatMap((each) => each.identifiers.slice(0, 1).map((identifier) => identifier.value));
  const limited = i !== 2;
  return {
    id: String(400 - i),
    a: side(one).identifier,
    b: other.identifiers.at(-1) ?? side(other).identifier,
    people: [party(one), party(other)],
    reason: limited ? "limit" : "client_cannot_join_known",
    type: "household",
    limit: 1,
    fan_out: 2,
    values,
    trust: limited ? "server" : "client",
    source: limited ? "till" : "web (simulated)",
    kind: "event",
    count: 1 + Math.floor(pick(i, 61) * 5),
    since: NOW_MS - (i + 2) * DAY_MS,
  };
});

function foreseen(of: Person, more: Partial<Foreseen> = {}): Foreseen {
  return {
    id: of.id,
    name: nameOf(of),
    count: of.identifiers.length,
    identifiers: of.identifiers.slice(0, 4),
    audiences: of.audiences.filter((one) => one.member).map((one) => one.name),
    entered: [],
    left: [],
    ...more,
  };
}

/** Whom an identifier or a person id means. */
function found(ref: unknown): Person {
  return PEOPLE.find((one) => one.id === ref || one.identifiers.some((each) => each.id === ref || each.value === ref)) ?? person(0);
}

/** What a command would do: joining makes one of two, cutting two of one. */
export function previewOf(body: Record<string, unknown>): Preview {
  const told = { status: "applied", reason: "", detail: "" } as const;
  if (body.b === "card:0") return { status: "refused", reason: "limit", detail: "It would break a limit", facts: {} };
  const chosen = SUGGESTIONS.find((one) => one.id === body.suggestion);
  if (chosen && chosen === SUGGESTIONS[2]) {
    const both = [found(chosen.a.person), found(chosen.b.person)].map((one) => foreseen(one));
    const held = { reason: "limit", type: "household", limit: 1, values: ["H1049", "H1056"] };
    return { ...told, facts: { before: both, after: both, acts: [], together: false, held, complete: true } };
  }
  const one = found(chosen?.a.person ?? body.a ?? (Array.isArray(body.identifiers) ? body.identifiers[0] : undefined));
  const other = found(chosen?.b.person ?? body.b);
  const acts = [{ kind: "message", id: "m1", name: "welcome", at: NOW_MS - DAY_MS }];
  if (body.kind === "cut" || body.kind === "split") {
    const parts = [
      foreseen(one, { count: one.identifiers.length - 1, left: ["big_baskets"] }),
      foreseen(one, {
        id: `${one.id.slice(1)}0`,
        name: one.identifiers.at(-1)?.value ?? "",
        count: 1,
        identifiers: one.identifiers.slice(-1),
      }),
    ];
    return { ...told, facts: { before: [foreseen(one)], after: parts, acts, together: false, held: null, complete: true } };
  }
  const together = foreseen(one, { count: one.identifiers.length + other.identifiers.length, entered: ["coupon_fans"] });
  const both = [foreseen(one), foreseen(other)];
  if (body.kind === "confirm")
    return { ...told, facts: { before: both, after: both, acts: [], together: false, held: null, complete: true } };
  return { ...told, facts: { before: both, after: [together], acts, together: true, held: null, complete: true } };
}

const named = (of: Person) => ({ node: 1, identifier: of.identifiers[0] ?? { type: "household", value: "H0", id: "0" }, person: of.id });
const entry = (offset: number, kind: string, why: string, identifiers: AuditEntry["identifiers"], by = "admin") => ({
  offset,
  at: NOW_MS - (10 - offset) * DAY_MS,
  by,
  kind,
  why,
  identifiers,
  body: {},
});

/** What was done by hand, newest first: two people joined, two cut apart, the first start. */
export const AUDIT: AuditEntry[] = [
  entry(3, "merge", "같은 가족 카드", [named(person(0)), { ...named(person(1)), node: 2, person: person(0).id }]),
  entry(2, "cut", "두 사람이 쓰는 기기", [named(person(2)), { ...named(person(3)), node: 4 }]),
  entry(1, "apply", "", [], "gyeol"),
];
