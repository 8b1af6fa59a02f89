import type { MomentFact } from "../api/results.ts";
import type { Value } from "../api/types.ts";
import { isMoney } from "../format/format.ts";

/** What people call the event; a page or screen goes by its own name. */
export function nameOfEvent(event: { name: string; type: string }, term: (name: string) => string): string {
  const kind = `$${event.type}`;
  if (event.type === "track") return term(event.name);
  const said = term(kind);
  return event.name && event.name !== kind && event.name !== event.type ? `${said} · ${event.name}` : said;
}

/** What is looked for first in an event. */
const FIRST = ["revenue", "price", "products", "product", "store", "coupon", "campaign"];

/** The summary's values in the order in which people look for them; nothing, and money that is zero, tells nothing. */
export function tellingOf(summary: Record<string, Value>): [string, Value][] {
  const place = (name: string) => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length);
  return Object.entries(summary)
    .filter(([, value]) => value !== null && value !== "" && !(isMoney(value) && value.minor === 0))
    .toSorted(([a], [b]) => place(a) - place(b));
}

/** What is looked for first in a Moment: how to speak to the person, how they feel, what they want, where they are. */
const TELLING = [
  "tone",
  "tone_reason",
  "emotion",
  "emotion_trend",
  "intent",
  "interest_category",
  "at_store",
  "nearest_store",
  "store_distance_m",
  "weather",
  "daypart",
  "commute",
  "days_since_visit",
];
const MOST = 9;
/** Said by itself a value of this kind tells nothing: nobody looks for “no complaint”. */
const SILENT = new Set<unknown>([null, false, "none", ""]);

/** The few facts of a Moment that are known now and tell most, in the order in which people look for them. */
export function tellingFacts(facts: readonly MomentFact[]): MomentFact[] {
  const place = (fact: MomentFact) => TELLING.indexOf(fact.name.replace(/^moment\./, ""));
  return facts
    .filter((fact) => place(fact) >= 0 && !fact.stale && !SILENT.has(fact.value))
    .toSorted((a, b) => place(a) - place(b))
    .slice(0, MOST);
}

const placeOf = (fact: MomentFact) => {
  const place = TELLING.indexOf(fact.name.replace(/^moment\./, ""));
  return place < 0 ? TELLING.length : place;
};

/** All facts: what tells most first, then the others as they came, at the end what has aged and so is unknown. */
export function inOrder(facts: readonly MomentFact[]): MomentFact[] {
  return facts.toSorted((a, b) => Number(a.stale) - Number(b.stale) || placeOf(a) - placeOf(b));
}

/** Why promotion stops, as the gates `complaint` and `intent` have it; the first of the reasons. */
export type Brake = "complaint" | "unsettled" | "help" | "leave";

/** What stops promotion to the person now; null where nothing does. */
export function brakeOf(facts: readonly MomentFact[]): Brake | null {
  const found = (name: string) => facts.find((fact) => fact.name === `moment.${name}`);
  const complaint = found("open_complaint");
  if (complaint?.value === true) return "complaint";
  if (complaint?.stale && complaint.last === true) return "unsettled";
  const intent = found("intent");
  return intent?.value === "help" || intent?.value === "leave" ? intent.value : null;
}
