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
