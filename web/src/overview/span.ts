import type { Format } from "../format/format.ts";

/** A duration in the unit in which people say it; a dash where nothing was measured. */
export function span(ms: number | null, format: Format): string {
  if (ms === null) return "–";
  if (ms < 10) return format.unit(ms, "millisecond", 1);
  if (ms < 1_000) return format.unit(ms, "millisecond", 0);
  if (ms < 60_000) return format.unit(ms / 1_000, "second", 1);
  if (ms < 3_600_000) return format.unit(ms / 60_000, "minute", 0);
  return format.unit(ms / 3_600_000, "hour", 0);
}
