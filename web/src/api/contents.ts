/** The shapes of what is said: contents, previews, findings, coverage. Names are as on the wire. */
import type { Instant, Reason, Text, Value } from "./types.ts";

export const TONES = ["brief", "warm", "cheering", "careful", "apologetic", "retaining"] as const;
export type Tone = (typeof TONES)[number];

/** Where a variant stands on the way from draft to approved. */
export interface Standing {
  state: string;
  by: string;
  submitted_by: string;
  at: Instant | null;
  why: string;
}

export interface ContentRow {
  name: string;
  label: Text;
  message: Text;
  version: string;
  state: string;
  variants: number;
  approved: number;
  languages: string[];
  channels: string[];
  tones: string[];
  offers: string[];
  since: Instant | null;
  /** Codes: not_touched, fact_expired, product_gone, offer_gone, offer_over. */
  stale: string[];
}

export interface ContentsAnswer {
  contents: ContentRow[];
  /** Whether advertising says only what is approved. */
  need_approval: boolean;
}

export interface Variant {
  key: string;
  version: string;
  channels: string[];
  language: string;
  tone: string | null;
  stage: string | null;
  persona: string | null;
  fields: Record<string, string>;
  standing: Standing;
  /** To choose from by what the reader looks at. */
  images: { sku: string; address: string; alt: string }[];
}

/** Which of several pictures is shown, and why. */
export interface Pictured {
  image: string;
  /** colours_liked, little_known, no_lead. */
  reason: string;
  colour: string;
  liked: string;
  distance: number | null;
  looked_at: string[];
}

export interface ContentAnswer {
  row: ContentRow;
  facts: { name: string; declared: { readonly [key: string]: Value }; text: Record<string, string> }[];
  variants: Variant[];
  definitions: string;
  /** Why words cannot be saved from here: files_read_only, files_elsewhere; empty: they can. */
  cannot_save: string;
}

/** Other words for a variant, as of a version of it. */
export interface SaveRequest {
  variant: string;
  fields: Record<string, string>;
  version: string;
  why: string;
}

export interface SavedAnswer {
  status: "applied" | "unchanged";
  file: string;
  version: string;
  definitions: string;
  offset: number | null;
}

/** What the brand guide has against a text; places count UTF-16 code units. */
export interface Finding {
  code: string;
  field: string;
  start: number;
  end: number;
  severity: "error" | "warning";
  params: { readonly [key: string]: Value };
  /** A text that may stand there instead. */
  mend: string | null;
  text: Text;
  how: Text;
}

export interface PreviewAnswer {
  fields: Record<string, string>;
  wording: { content: string; variant: string; version: string; tone: string; picture: Pictured | null } | null;
  reason: Pick<Reason, "code" | "params"> | null;
  problems: { path: string; code: string; what: string; mend: string; line: number | null; column: number | null }[];
  findings: Finding[];
}

/** What a preview is asked with; `content`: a name, or a content as somebody is writing it. */
export interface PreviewRequest {
  content: string | object;
  channel: string;
  language: string;
  tone: string | null;
  variant: string;
  person: string | null;
}

export interface DiffAnswer {
  content: string;
  before: string | null;
  after: string;
  differences: { variant: string; field: string; before: string | null; after: string | null }[];
}

/** One case, and what is said in it. */
export interface Cell {
  content: string;
  language: string;
  channel: string;
  stage: string;
  persona: string;
  tone: string;
  cover: "own" | "instead" | "none";
  variant: string | null;
  state: string;
}

export interface CoverageAnswer {
  cells: Cell[];
  stale: { content: string; reason: string; about: string; days: number | null }[];
  own: number;
  instead: number;
  none: number;
}
