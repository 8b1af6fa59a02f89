import type { Suggestion } from "../api/identity.ts";

export interface Bar {
  key: string;
  /** Where it begins and ends, in bits. */
  from: number;
  to: number;
  bits: number;
  tone: "sum" | "for" | "against" | "none";
}

export interface Bars {
  bars: Bar[];
  /** The least and the greatest weight on the way; zero is always among them. */
  least: number;
  most: number;
}

/** One bar a step, each from where the last one ended; the prior before them and the sum after them stand on zero. */
export function barsOf({ prior, steps, weight }: Pick<Suggestion, "prior" | "steps" | "weight">): Bars {
  let level = prior;
  const between = steps.map(({ field, bits }): Bar => {
    const from = level;
    level += bits;
    return { key: field, from, to: level, bits, tone: bits > 0 ? "for" : bits < 0 ? "against" : "none" };
  });
  const bars: Bar[] = [
    { key: "start", from: 0, to: prior, bits: prior, tone: "sum" },
    ...between,
    { key: "total", from: 0, to: weight, bits: weight, tone: "sum" },
  ];
  const ends = bars.flatMap((one) => [one.from, one.to]);
  return { bars, least: Math.min(0, ...ends), most: Math.max(0, ...ends) };
}
