/** Households of the made-up people: each four of them live together. */
import type { Group, GroupKind, GroupLine, GroupOfPerson, GroupsPage } from "../src/api/groups.ts";
import type { Person } from "../src/api/types.ts";

const IN_ONE = 4;
const LABEL = { ko: "가구", en: "household" };

const idOf = (at: number): string => (0x4a00 + at).toString(16).padStart(32, "0");

/** The household of the person at a place in the list. */
export function householdOf(i: number): GroupOfPerson {
  const at = Math.floor(i / IN_ONE);
  return { kind: "household", label: LABEL, id: idOf(at), value: `서울 마포구 결로 ${at + 1}**`, people: IN_ONE, crowded: false };
}

const KIND: GroupKind = {
  name: "household",
  label: LABEL,
  description: { ko: "같은 주소에 사는 고객", en: "People who live at one address" },
  size: 3,
  audiences: [
    {
      name: "big_spending_homes",
      label: { ko: "많이 사는 가구", en: "Households that spend much" },
      size: 1,
      sentence: { ko: "가구 매출이 100,000원 이상", en: "Revenue of the household is at least ₩100,000" },
      condition: "household_revenue >= 100000",
    },
  ],
};

function lineOf(at: number): GroupLine {
  const { kind, id, value, people, crowded } = householdOf(at * IN_ONE);
  const revenue = {
    name: "household_revenue",
    label: { ko: "가구 매출", en: "Revenue of the household" },
    kind: "sum",
    value: { minor: 120_000 - at * 40_000, currency: "KRW" },
    unit: "money",
    type: "money",
    simulated: false,
    description: {},
    estimate: false,
  };
  return { kind, id, value, people, crowded, audiences: at ? [] : ["big_spending_homes"], traits: [revenue] };
}

const LINES = [0, 1, 2].map(lineOf);

/** Kinds, or the groups of a kind. */
export function groupsOf(query: URLSearchParams): GroupsPage {
  const among = query.get("audience");
  const groups = query.get("kind") ? LINES.filter((one) => !among || one.audiences.includes(among)) : [];
  return { kinds: query.get("kind") ? [] : [KIND], groups, next: null, total: groups.length };
}

/** One household with its people. */
export function groupOf(id: string, people: readonly Person[]): Group | undefined {
  const group = LINES.find((one) => one.id === id);
  const members = people
    .filter((person) => person.groups[0]?.id === id)
    .map((person) => ({ id: person.id, name: person.name ?? person.id }));
  return group && { group, members, complete: true };
}
