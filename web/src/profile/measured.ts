import type { Format } from "../format/format.ts";

/** Units of ECMA-402 in which facts of the Moment are told, by the fact's name. */
const UNITS: Record<string, string> = {
  cart_age_minutes: "minute",
  click_tempo_s: "second",
  dwell_s: "second",
  felt_temperature: "celsius",
  precipitation: "millimeter",
  product_dwell_s: "second",
  session_minutes: "minute",
  store_distance_m: "meter",
  temperature: "celsius",
};
/** Facts that are parts of one. */
const SHARES = new Set(["cart_price_drop", "intent_confidence", "price_drop", "price_sensitivity"]);

/** A number of the Moment with its unit; null where it has none. */
export function measured(name: string, value: number, format: Format): string | null {
  if (SHARES.has(name)) return format.share(value);
  const unit = UNITS[name] ?? (name.startsWith("days_") ? "day" : undefined);
  return unit ? format.unit(value, unit, 0) : null;
}

/** A feeling, from the worst to the best. */
export type Feeling = "angry" | "low" | "even" | "glad";

/** What a polarity between -1 and 1 feels like. Source: the thresholds of `gyeol.context.emotion.tone`. */
export function feelingOf(polarity: number): Feeling {
  if (polarity <= -0.5) return "angry";
  if (polarity <= -0.15) return "low";
  return polarity >= 0.25 ? "glad" : "even";
}
