import type { Identifier } from "../api/types.ts";
import { type Proof, refOf, type Status } from "./proofs.ts";

/** Rows of a column before the next one is begun beside it. */
const MOST_ROWS = 16;
export const ROW = 52;
export const BOX = { width: 158, height: 40 };
const LEAST_COLUMN = 196;

export interface Spot {
  ref: string;
  identifier: Identifier;
  column: number;
  row: number;
  /** It is another person's. */
  foreign: boolean;
}

export interface Line {
  key: string;
  from: Spot;
  to: Spot;
  status: Status;
  count: number;
}

export interface Layout {
  columns: number;
  rows: number;
  spots: Spot[];
  lines: Line[];
}

/**
 * Identifiers in columns by type, strongest type first, other people's last; what is joined stands near each other. The same identifiers
 * and statements give the same picture.
 */
export function layoutOf(identifiers: readonly Identifier[], proofs: readonly Proof[]): Layout {
  const own = new Map(identifiers.map((one) => [refOf(one), one]));
  const others = new Map<string, Identifier>();
  for (const { of } of proofs) for (const end of [of.a, of.b]) if (!own.has(refOf(end))) others.set(refOf(end), end);
  const near = neighbours(proofs);
  const byType = new Map<string, Identifier[]>();
  for (const one of own.values()) byType.set(one.type, [...(byType.get(one.type) ?? []), one]);
  const groups = [...byType.values(), ...(others.size ? [[...others.values()]] : [])];
  const spots = new Map<string, Spot>();
  let column = 0;
  for (const group of groups) {
    const before = (one: Identifier) => {
      const rows = (near.get(refOf(one)) ?? []).flatMap((ref) => spots.get(ref)?.row ?? []);
      return rows.length ? rows.reduce((sum, row) => sum + row, 0) / rows.length : Number.POSITIVE_INFINITY;
    };
    const ordered = group.map((one) => [before(one), one] as const).toSorted(([a], [b]) => (a === b ? 0 : a - b));
    ordered.forEach(([, identifier], i) => {
      const ref = refOf(identifier);
      const place = { column: column + Math.floor(i / MOST_ROWS), row: i % MOST_ROWS };
      spots.set(ref, { ref, identifier, ...place, foreign: !own.has(ref) });
    });
    column += Math.ceil(group.length / MOST_ROWS);
  }
  return {
    columns: column,
    rows: Math.max(0, ...[...spots.values()].map((one) => one.row + 1)),
    spots: [...spots.values()],
    lines: lines(proofs, spots),
  };
}

/** One line a pair and state: several sources that say the same are one. */
function lines(proofs: readonly Proof[], spots: ReadonlyMap<string, Spot>): Line[] {
  const found = new Map<string, Line>();
  for (const { of, status } of proofs) {
    const ends = [spots.get(refOf(of.a)), spots.get(refOf(of.b))].filter((one) => one !== undefined);
    const [from, to] = ends.toSorted((a, b) => a.column - b.column || a.row - b.row);
    if (!from || !to) continue;
    const key = `${status}|${from.ref}|${to.ref}`;
    const known = found.get(key);
    if (known) known.count += of.count ?? 1;
    else found.set(key, { key, from, to, status, count: of.count ?? 1 });
  }
  return [...found.values()];
}

function neighbours(proofs: readonly Proof[]): Map<string, string[]> {
  const near = new Map<string, string[]>();
  for (const { of } of proofs)
    for (const [one, other] of [
      [refOf(of.a), refOf(of.b)],
      [refOf(of.b), refOf(of.a)],
    ] as const)
      near.set(one, [...(near.get(one) ?? []), other]);
  return near;
}

/** How wide a column is: the place there is, but never too narrow to read. */
export const columnWidth = (width: number, columns: number): number => Math.max(LEAST_COLUMN, Math.min(300, width / Math.max(columns, 1)));

/** Where a box begins. Every other column stands half a row lower, so that a line past a column goes between its boxes. */
export function placeOf({ column, row }: Pick<Spot, "column" | "row">, wide: number): { x: number; y: number } {
  return { x: column * wide, y: row * ROW + (column % 2) * (ROW / 2) };
}

/** The curve of a line; between two boxes of one column it goes round their right side. */
export function curve({ from, to }: Line, wide: number): string {
  const [begin, end] = [placeOf(from, wide), placeOf(to, wide)];
  const [y1, y2] = [begin.y + BOX.height / 2, end.y + BOX.height / 2];
  const x1 = begin.x + BOX.width;
  if (from.column === to.column) {
    const out = x1 + Math.min(34, 10 + Math.abs(to.row - from.row) * 4);
    return `M${x1} ${y1}C${out} ${y1} ${out} ${y2} ${x1} ${y2}`;
  }
  const x2 = end.x;
  const bend = (x2 - x1) / 2;
  return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
}
