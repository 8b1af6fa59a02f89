/** The shapes of a person's Moment, and of what was decided and what came of it. Names are as on the wire. */
import type { Instant, Money, Text, Value } from "./types.ts";

/** Something true of a person now. */
export interface MomentFact {
  /** With `moment.`. */
  name: string;
  label: Text;
  /** Null once it has aged: then it is unknown, and `last` says what it was. */
  value: Value;
  last: Value;
  /** What people call the value; empty where the value speaks for itself. */
  said: Text;
  source: string;
  observed_at: Instant;
  age_s: number;
  /** The first instant at which it no longer counts; null: it always does. */
  until: Instant | null;
  confidence: number;
  stale: boolean;
}

export interface MomentAnswer {
  at: Instant;
  zone: string;
  facts: MomentFact[];
}

/** What happened around a campaign; not its effect. */
export interface Campaign {
  name: string;
  label: Text;
  kind: string;
  starts: string | null;
  ends: string | null;
  delivered_people: number;
  ordering_people: number;
  orders: number;
  revenue: Money[];
  redemptions: number;
  redeeming_people: number;
}

export interface CampaignsAnswer {
  campaigns: Campaign[];
  note: Text;
}

/** Decisions of a placement with one outcome. */
export interface Decided {
  placement: string;
  placement_label: Text;
  offer: string | null;
  offer_label: Text;
  fallback: boolean;
  holdout: boolean;
  decisions: number;
  people: number;
}

export interface Policy {
  name: string;
  label: Text;
  placements: string[];
  /** The id of the verdict by which it decides; null: it only learns. */
  verdict: string | null;
  since: Instant | null;
  /** Decisions that count, by offer (and creative). */
  learned: { readonly [what: string]: number };
  /** The histories that it began with, oldest first: a file, or the lake. */
  warmed: { source: string; hash: string; rows: number; counted: number; weight: number; at: Instant }[];
  /** The verdict that such a history ended, or a change that cost what was learned; null: none did. */
  ended: { verdict: string; at: Instant; reason: "warmed" | "changed" } | null;
}
