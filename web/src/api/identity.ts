/** The shapes of who is who: golden values, the queues, and what commands on people would do. Names are as on the wire. */
import type { Identifier, Instant, Text } from "./types.ts";

/** The value of an attribute that wins over the others of a person, and why. */
export interface Golden {
  attribute: string;
  value: string;
  id: string;
  label: Text;
  why: {
    /** most_recent, most_frequent or source_order. */
    rule: string;
    source: string;
    trust: string;
    at: Instant | null;
    count: number;
    others: Identifier[];
  };
}

/** One of the people whom evidence concerns. */
export interface Party {
  id: string;
  name: string;
  identifiers: Identifier[];
}

export interface HeldEvidence {
  id: string;
  a: Identifier;
  b: Identifier;
  people: Party[];
  reason: string;
  type: string;
  limit: number | null;
  fan_out: number;
  values: string[];
  trust: string;
  source: string;
  kind: string;
  count: number;
  since: number;
}

export interface HeldPage {
  quarantined: HeldEvidence[];
  next: string | null;
  total: number | null;
}

/** What one field adds to the weight that two people are one, in bits. */
export interface Step {
  field: string;
  label: Text;
  level: Text;
  left: string;
  right: string;
  bits: number;
}

interface Side {
  person: string;
  name: string;
  identifier: Identifier;
}

export interface Suggestion {
  id: string;
  weight: number;
  probability: number;
  prior: number;
  steps: Step[];
  a: Side;
  b: Side;
  at: number;
  model: string;
  by_servers: boolean;
}

export interface SuggestionsPage {
  suggestions: Suggestion[];
  next: string | null;
  total: number;
  mode: "off" | "queue" | "accept";
  at_least: number;
  accept_at_least: number;
  /** Records that wait to be compared. */
  behind: number;
  records: number;
  model: { version: string; trained: boolean; records: number } | null;
}

/** A command on people: what it is called, and what it is told. */
export interface Act {
  kind: "merge" | "cut" | "release" | "confirm" | "move" | "split" | "accept" | "reject";
  a?: string;
  b?: string;
  identifiers?: string[];
  suggestion?: string;
}

export interface Foreseen {
  id: string;
  name: string;
  count: number;
  identifiers: Identifier[];
  audiences: string[];
  entered: string[];
  left: string[];
}

/** What a command would do, or why it would not. */
export interface Preview {
  status: "applied" | "refused";
  reason: string;
  detail: string;
  facts: {
    before?: Foreseen[];
    after?: Foreseen[];
    acts?: { kind: string; id: string; name: string; at: number }[];
    together?: boolean;
    held?: { reason: string; type: string; limit: number | null; values: string[] } | null;
    complete?: boolean;
  };
}

/** A command that somebody gave: who, when, why, and whom it named. */
export interface AuditEntry {
  offset: number;
  at: Instant;
  by: string;
  kind: string;
  why: string;
  identifiers: { node: number; identifier: Identifier; person: string }[];
}

export interface AuditPage {
  entries: AuditEntry[];
  next: string | null;
}
