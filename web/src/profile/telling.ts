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
  "open_complaint",
  "emotion",
  "emotion_trend",
  "intent",
  "interest_category",
  "at_store",
  "nearest_store",
  "weather",
  "daypart",
  "commute",
  "days_since_visit",
];
const MOST = 8;
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
