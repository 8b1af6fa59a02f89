import { curveBasisClosed, lineRadial } from "d3-shape";
import { useMemo } from "react";

const RINGS = 6;
const POINTS = 40;
const HUES = 5;

/** 32-bit FNV-1a. Source: draft-eastlake-fnv-21, section 2. */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** Evenly spread numbers in [0, 1), the same for the same seed (a 32-bit Weyl sequence, mixed). */
function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
  };
}

interface Rings {
  hue: number;
  centre: readonly [number, number];
  paths: readonly string[];
}

/** Growth rings of a tree: no two people have the same. Coordinates in a box of 64 by 64. */
export function ringsOf(id: string): Rings {
  const next = numbersFrom(fnv1a(id));
  const hue = Math.floor(next() * HUES) + 1;
  const centre = [32 + (next() - 0.5) * 18, 32 + (next() - 0.5) * 18] as const;
  const waves = [2, 3, 5].map((times) => ({
    times,
    height: (next() * 0.5 + 0.35) / times,
    phase: next() * 2 * Math.PI,
    drift: next() - 0.5,
  }));
  const line = lineRadial<number>()
    .angle((point) => (point / POINTS) * 2 * Math.PI)
    .curve(curveBasisClosed);
  const points = Array.from({ length: POINTS }, (_, i) => i);
  let radius = 2 + next() * 2;
  const paths: string[] = [];
  for (let ring = 0; ring < RINGS; ring++) {
    const base = radius;
    line.radius((point) => {
      const angle = (point / POINTS) * 2 * Math.PI;
      const swing = waves.reduce((sum, w) => sum + w.height * Math.sin(w.times * angle + w.phase + ring * w.drift), 0);
      return base * (1 + 0.34 * swing);
    });
    paths.push(line(points) ?? "");
    radius += 4.2 + next() * 4.2;
  }
  return { hue, centre, paths };
}

/** The grain of one person: decoration that helps to tell people apart, never the only way. */
export function Grain({ id, size }: { id: string; size: number }) {
  const rings = useMemo(() => ringsOf(id), [id]);
  return (
    <svg className={`grain grain-${rings.hue}`} width={size} height={size} viewBox="0 0 64 64" aria-hidden="true" focusable="false">
      <circle cx="32" cy="32" r="32" className="grain-ground" />
      <g transform={`translate(${rings.centre[0]} ${rings.centre[1]})`} className="grain-rings">
        {rings.paths.map((path) => (
          <path key={path} d={path} />
        ))}
      </g>
    </svg>
  );
}

export function Wordmark() {
  return (
    <svg className="wordmark" width="26" height="26" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <path d="M5 10c5-5 9 3 14-1 3-2.5 5-2.5 8-1" />
      <path d="M5 17c5-5 9 3 14-1 3-2.5 5-2.5 8-1" />
      <path d="M5 24c5-5 9 3 14-1 3-2.5 5-2.5 8-1" />
    </svg>
  );
}
