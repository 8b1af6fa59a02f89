/** The shapes that the side process answers with. Names are as on the wire. */
import type { GroupOfPerson } from "./groups.ts";
import type { Golden } from "./identity.ts";

export type Lang = "ko" | "en";

/** A text in both languages; a missing one falls back to the other. */
export type Text = Partial<Record<Lang, string>>;

/** Milliseconds since 1970 (UTC), or an ISO 8601 instant. */
export type Instant = number | string;

export interface Money {
  minor: number;
  currency: string;
}

export type Value = null | boolean | number | string | Money | readonly Value[] | { readonly [key: string]: Value };

export interface Status {
  workspace: string;
  label: Text;
  version: string;
  clock: "wall" | "data";
  zone: string;
  currency: string;
  engine_now: Instant | null;
  end_offset: number;
  acted_offset: number;
  events: number;
  people: number;
  identified: number;
  rejected: number;
  duplicates: number;
  backlog: number;
  /** How long the oldest of them has waited. */
  backlog_age_ms: number;
  commands: number;
  lake_offset: number;
  decisions: number;
  messages: Record<string, number>;
  simulated: boolean;
  simulated_note: Text;
  definitions: string;
  /** False: the state's database fails, so events are taken but nothing is done about them. */
  acting: boolean;
  lake_problem: string;
  fact_problem: string;
}

export interface Identifier {
  type: string;
  value: string;
  label?: Text;
  /** What commands take in place of `type:value`: a value may be masked. */
  id?: string;
}

export interface Stage {
  name: string;
  label: Text;
}

export interface PersonRow {
  id: string;
  name: string;
  identifiers: Identifier[];
  stage: Stage | null;
  last_seen: Instant | null;
  audiences: string[];
  traits: Record<string, Value>;
}

export interface PeoplePage {
  people: PersonRow[];
  next: string | null;
  total: number | null;
}

export interface Trait {
  name: string;
  label: Text;
  kind: string;
  value: Value;
  unit: string | null;
  /** number, text, flag, list, time or money. */
  type: string;
  simulated: boolean;
  description: Text;
  estimate: boolean;
  /** Names of the events that it comes from; a formula names none. */
  source?: readonly string[];
  /** When an event changed it last. */
  updated_at?: Instant | null;
}

export type Verdict = "true" | "false" | "unknown";

/** Why a condition holds or does not: a tree of `and`, `or`, `not` over comparisons. */
export interface Explained {
  /** `AND`, `OR`, or the question of a test: `>=`, `in`, `between`, `like`, `is null`, `flag`, … (NOT is part of it). */
  op: string;
  verdict: Verdict;
  /** The test in SQL. */
  sql?: string;
  /** What was asked: a trait, `moment.x`, or arithmetic in SQL. */
  subject?: string;
  found?: Value;
  wanted?: readonly Value[];
  wanted_sql?: readonly string[];
  /** Names that are unknown because their facts have aged. */
  stale?: readonly string[];
  parts?: Explained[];
}

export interface AudienceOfPerson {
  name: string;
  label: Text;
  /** Null: cannot be known. */
  member: boolean | null;
  since: Instant | null;
  sentence: Text;
  explained: Explained | null;
}

/** A statement that two identifiers belong together. */
export interface Evidence {
  a: Identifier;
  b: Identifier;
  other_person?: string | null;
  trust: string;
  source: string;
  kind: string;
  first_ms: Instant | null;
  count?: number;
  verdict?: string;
  /** Code: limit, client_cannot_join_known, shared_identifier, untrusted_source, dropped_type, cut, confirmed. */
  reason?: string;
  /** For a limit: of which type how many are allowed. */
  type?: string;
  limit?: number | null;
}

export interface Person {
  id: string;
  name: string | null;
  simulated: boolean;
  events: number;
  stage: Stage | null;
  first_seen: Instant | null;
  last_seen: Instant | null;
  identifiers: Identifier[];
  evidence: Evidence[];
  quarantined: Evidence[];
  /** What a command cut, or left out for good. */
  withdrawn: Evidence[];
  golden: Golden[];
  traits: Trait[];
  audiences: AudienceOfPerson[];
  moment: Record<string, Value>;
  consents: Consent[];
  shared: Identifier[];
  groups: GroupOfPerson[];
}

export interface Consent {
  status: string;
  channel: string;
  purpose: string;
  at_ms: Instant;
  source: string;
  proof: string;
  simulated: boolean;
}

export interface TimelineEvent {
  offset: number;
  time: Instant;
  name: string;
  type: string;
  source: string;
  channel: string;
  summary: Record<string, Value>;
  properties: Record<string, Value>;
  traits: Record<string, Value>;
  simulated: boolean;
}

export interface TimelinePage {
  events: TimelineEvent[];
  next: string | null;
}

export interface Reason {
  code: string;
  params: Record<string, Value>;
  text: Text;
}

export interface Refusal {
  offer: string;
  offer_label: Text;
  gate: string;
  reason: Reason;
  score: number | null;
  /** Which way to show it, where there are several. */
  creative?: string | null;
  channel?: string | null;
  hour?: number | null;
}

export interface Decision {
  id: string;
  placement: string;
  placement_label: Text;
  person: string;
  at_ms: Instant;
  chosen: string | null;
  chosen_label: Text;
  fallback: boolean;
  holdout: boolean;
  cause: string;
  reasons: Reason[];
  refusals: Refusal[];
  moment: Record<string, Value>;
  propensity: number;
  catalogue: string;
  definitions: string;
  /** Which of the offer's ways to show it; by which channel and at which hour of the recipient's day. */
  creative: string | null;
  channel: string | null;
  hour: number | null;
  /** The policy that learns from it. */
  policy: string | null;
  /** Whether chance took it instead of the best. */
  explored: boolean;
  contributions: Contribution[];
  used: UsedTrait[];
  outcome: { at: Instant; value: number } | null;
}

/** What a feature of a policy added for the chosen offer and for the runner-up. */
export interface Contribution {
  feature: string;
  value: number;
  chosen: number;
  runner_up: number;
}

/** A trait that the chosen offer's condition or score read. */
export interface UsedTrait {
  name: string;
  label: Text;
  value: Value;
  text: Text;
  source: string[];
}

/** One intended contact and what became of it. */
export interface Message {
  send_key: string;
  journey: string;
  channel: string;
  address: string;
  state: string;
  reason: Reason | null;
  queued_at: Instant;
  changed_at: Instant;
  expires_at: Instant;
  attempts: number;
  decision: string | null;
  offer: string;
  placement: string;
  message_class: string;
  purpose: string;
  content: { readonly [key: string]: Value };
  licence: { readonly [key: string]: Value } | null;
  simulated: boolean;
}

export interface AudienceSummary {
  name: string;
  label: Text;
  size: number;
  sentence: Text;
  condition: string;
}

/** People on a journey stage, and what they ordered. */
export interface StageCount {
  name: string;
  label: Text;
  people: number;
  ordering_people: number;
  orders: number;
  revenue: Money[];
}

export interface FunnelStep {
  event: string;
  label: Text;
  people: number;
}

export interface Funnel {
  name: string;
  label: Text;
  steps: FunnelStep[];
  by: string | null;
  groups: { value: string; steps: number[] }[];
  simulated: boolean;
  lake_offset: number;
}

export interface Kpi {
  name: string;
  label: Text;
  value: number | Money | null;
  /** Money in several currencies, where `value` is null. */
  amounts: Money[];
  left_out: number;
  unit: string;
  simulated: boolean;
}
