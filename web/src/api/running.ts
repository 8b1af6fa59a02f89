/** The shapes of the screens that say how Gyeol runs: Overview, Live, Data. Names are as on the wire. */
import type { Instant, Reason, Text, Value } from "./types.ts";

/** A code with its name and how often it came. */
export interface Counted {
  code: string;
  label: Text;
  count: number;
}

/** What is wrong now, and how to mend it. */
export interface Problem {
  code: string;
  text: Text;
  mend: Text;
}

/** One minute of receipt. */
export interface Minute {
  at: number;
  accepted: number;
  rejected: number;
}

export type States = Record<string, number>;

export interface Overview {
  now: number;
  engine_now: number;
  clock: "wall" | "data";
  acting: boolean;
  simulated: boolean;
  events: {
    total: number;
    rejected: number;
    duplicates: number;
    backlog: number;
    backlog_age_ms: number;
    rate: Minute[];
    /** From receipt to folded. */
    lag: { p50_ms: number | null; p95_ms: number | null; p99_ms: number | null };
  };
  people: { total: number; identified: number };
  decisions: {
    total: number;
    /** Real offers; with `fallback` and `nothing` it makes the total. `holdout` overlaps with those two. */
    chosen: number;
    fallback: number;
    holdout: number;
    nothing: number;
    p50_ms: number | null;
    p95_ms: number | null;
    p99_ms: number | null;
    refusals: (Counted & { gate: string })[];
  };
  deliveries: {
    total: number;
    states: States;
    channels: { channel: string; label: Text; states: States }[];
    refusals: (Counted & { gate: string })[];
  };
  lake: { offset: number; end_offset: number; behind: number; problem: string };
  problems: Problem[];
}

/** Kinds of what Live shows, in the order of their filters. */
export const LIVE_KINDS = ["event", "decision", "audience", "stage", "message", "delivery", "identity", "rejected"] as const;
export type LiveKind = (typeof LIVE_KINDS)[number];

interface Named {
  name: string;
  label: Text;
}

export interface LiveItem {
  id: string;
  /** Engine time. */
  at: number;
  kind: LiveKind;
  simulated: boolean;
  person: { id: string; name: string | null } | null;
  event?: {
    name: string;
    type: string;
    source: string;
    source_label: Text;
    channel: string;
    summary: Record<string, Value>;
    label: Text;
  };
  audience?: Named & { entered: boolean };
  stage?: { before: Named | null; after: Named | null };
  decision?: {
    id: string;
    placement: string;
    placement_label: Text;
    chosen: string | null;
    chosen_label: Text;
    fallback: boolean;
    holdout: boolean;
    reason: Reason | null;
    refused: number;
    ms: number | null;
  };
  message?: { send_key: string; journey: string; channel: string; state: string; reason: Reason | null };
  delivery?: { send_key: string; channel: string; state: string; reason: Reason | null };
  identity?: { what: "joined" | "split"; people: string[] };
  rejected?: { id: string; code: string; text: Text; source: string };
}

export interface SourceState {
  name: string;
  label: Text;
  /** `client`: anybody may read its key. */
  kind: "client" | "server";
  channel: string;
  enabled: boolean;
  write_key: string;
  origins: string[];
  events: number;
  last_at: number | null;
  verdicts: { accepted: number; duplicate: number; rejected: number };
  rejected: (Counted & { last_at: number | null })[];
}

export interface SourcesAnswer {
  endpoint: { url: string; internal: string };
  sources: SourceState[];
}

export interface Violation {
  code: string;
  event: string;
  path: string;
  source: string;
  expected: string;
  /** Empty where the value is missing or personal. */
  found: string;
  count: number;
  last_at: number | null;
  example: { dead_letter: string | null; value: Value };
  text: Text;
  effect: "rejected" | "flagged";
}

export interface ViolationsAnswer {
  violations: Violation[];
  /** Receipt of the first event that was counted; 0: none yet. */
  since: number;
}

/** A rejected event. `event` is null where what came is no JSON object; `raw` is what came. */
export interface DeadLetter {
  id: string;
  code: string;
  text: Text;
  detail: string;
  source: string;
  received_at: Instant;
  status: string;
  event: { readonly [key: string]: Value } | null;
  raw: string;
  message_id: string;
  replayed_offset: number | null;
}

export interface DeadLettersPage {
  dead_letters: DeadLetter[];
  next: string | null;
  /** Waiting letters by code. */
  counts: Record<string, number>;
}

/** What became of a command. */
export interface Submitted {
  status: "applied" | "refused" | "duplicate";
  offset: number | null;
  reason: string;
  detail: string;
  text?: Text;
  facts: Record<string, Value>;
}
