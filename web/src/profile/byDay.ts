import type { Instant, TimelineEvent } from "../api/types.ts";

interface Day {
  key: string;
  first: Instant;
  events: TimelineEvent[];
}

/** Groups events, newest first, by their day. */
export function byDay(events: readonly TimelineEvent[], dayKey: (at: Instant) => string): Day[] {
  const days: Day[] = [];
  for (const event of events) {
    const key = dayKey(event.time);
    const day = days.at(-1);
    if (day?.key === key) day.events.push(event);
    else days.push({ key, first: event.time, events: [event] });
  }
  return days;
}
