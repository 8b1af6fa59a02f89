import type { LiveItem } from "../api/running.ts";

/** How many rows a page keeps; older ones go. */
export const KEPT = 300;

/** Something was missed while the page was away; null: nobody knows how much. */
export interface Gap {
  id: string;
  kind: "gap";
  missed: number | null;
}

export type Entry = LiveItem | Gap;

/** What Live knows, newest first. `waiting` came while the list was held still; `waitingCount` counts those that no longer fit, too. */
export interface Feed {
  shown: readonly Entry[];
  waiting: readonly Entry[];
  waitingCount: number;
}

export const EMPTY: Feed = { shown: [], waiting: [], waitingCount: 0 };

/** Adds what came (oldest first); each id once. Held: it waits instead of moving the list. */
export function take(feed: Feed, came: readonly Entry[], held: boolean): Feed {
  const known = new Set([...feed.shown, ...feed.waiting].map((one) => one.id));
  const fresh: Entry[] = [];
  for (const one of came) {
    if (known.has(one.id)) continue;
    known.add(one.id);
    fresh.push(one);
  }
  if (!fresh.length) return feed;
  fresh.reverse();
  if (held)
    return { ...feed, waiting: [...fresh, ...feed.waiting].slice(0, KEPT), waitingCount: feed.waitingCount + fresh.filter(isItem).length };
  return { ...feed, shown: [...fresh, ...feed.shown].slice(0, KEPT) };
}

/** Lets what waited into the list. */
export function release(feed: Feed): Feed {
  if (!feed.waiting.length) return feed;
  return { shown: [...feed.waiting, ...feed.shown].slice(0, KEPT), waiting: [], waitingCount: 0 };
}

export function isItem(entry: Entry): entry is LiveItem {
  return entry.kind !== "gap";
}
