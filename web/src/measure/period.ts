import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { statusQuery } from "../api/queries.ts";
import type { Instant } from "../api/types.ts";
import { toMs } from "../format/format.ts";

const DAY_MS = 86_400_000;

/** The first instant of the last so many days before today, in UTC: the same all day long, so that a figure is asked for once. */
export function startOf(days: number, now: Instant): number {
  return (Math.floor(toMs(now) / DAY_MS) - days) * DAY_MS;
}

/** From when on the page counts; null: over everything that is kept. */
export function usePeriodStart(): number | null {
  const { days } = useSearch({ from: "/measure" });
  const now = useQuery(statusQuery).data?.engine_now ?? null;
  return days === undefined || now === null ? null : startOf(days, now);
}
