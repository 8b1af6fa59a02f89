import type { Instant, TimelineEvent } from "../api/types.ts";

interface Day {
  key: string;
  first: Instant;
  events: { event: TimelineEvent; key: string }[];
}

/** Groups events, newest first, by their day; each gets a key that two equal events do not share. */
export function byDay(events: readonly TimelineEvent[], dayKey: (at: Instant) => string): Day[] {
  const days: Day[] = [];
  const seen = new Map<string, number>();
  for (const event of events) {
    const key = dayKey(event.time);
    let day = days.at(-1);
    if (day?.key !== key) {
      day = { key, first: event.time, events: [] };
      days.push(day);
    }
    const name = event.offset !== undefined ? String(event.offset) : `${event.time}|${event.name}|${event.source}`;
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    day.events.push({ event, key: `${name}#${times}` });
  }
  return days;
}
