import { LIVE_KINDS, type LiveKind } from "../api/running.ts";
import type { Lang } from "../api/types.ts";
import { isLang } from "../i18n/language.tsx";

/** Parts of a profile, in the order of their links. */
export const VIEWS = ["timeline", "traits", "audiences", "decisions", "identities"] as const;
export type View = (typeof VIEWS)[number];

/** Ways to send events, in the order of their links. */
export const SDKS = ["html", "browser", "node", "python", "curl", "rudder"] as const;
export type Sdk = (typeof SDKS)[number];

/** Which dead letters are shown; `waiting` is what an address without one means. */
export const LETTER_STATES = ["waiting", "replayed", "all"] as const;
export type LetterState = (typeof LETTER_STATES)[number];

/** What every address may say. `table`: names of the charts shown as tables, separated by commas. */
export interface RootSearch {
  lang?: Lang | undefined;
  table?: string | undefined;
}

export interface PeopleSearch {
  q?: string | undefined;
  audience?: string | undefined;
}

/** Which evidence is listed; `all` is what an address without one means. */
export const PROOFS = ["all", "accepted", "held", "cut"] as const;
export type Proofs = (typeof PROOFS)[number];

export interface ProfileSearch {
  view?: View | undefined;
  /** A decision to point at. */
  decision?: string | undefined;
  /** An identifier whose evidence is shown alone. */
  mark?: string | undefined;
  proofs?: Proofs | undefined;
}

export interface SuggestionsSearch {
  suggestion?: string | undefined;
}

export interface QuarantineSearch {
  held?: string | undefined;
}

export interface GroupsSearch {
  kind?: string | undefined;
  /** An audience of groups. */
  among?: string | undefined;
  group?: string | undefined;
}

export interface TextsSearch {
  content?: string | undefined;
  variant?: string | undefined;
  channel?: string | undefined;
  tone?: string | undefined;
  /** Who reads the preview. */
  reader?: string | undefined;
}

export interface CoverageSearch {
  of?: string | undefined;
}

export interface CouponsSearch {
  pool?: string | undefined;
}

/** Periods that figures can be counted over, in days back from now; an address without one means everything that is kept. */
export const PERIODS = [7, 30, 90] as const;
export type PeriodDays = (typeof PERIODS)[number];

export interface MeasureSearch {
  funnel?: string | undefined;
  days?: PeriodDays | undefined;
}

export interface LiveSearch {
  /** Kinds shown, separated by commas; without it all. */
  kind?: string | undefined;
  source?: string | undefined;
  person?: string | undefined;
}

export interface SourcesSearch {
  source?: string | undefined;
  sdk?: Sdk | undefined;
}

export interface LettersSearch {
  code?: string | undefined;
  source?: string | undefined;
  status?: LetterState | undefined;
  letter?: string | undefined;
}

const text = (value: unknown): string => (typeof value === "string" ? value : typeof value === "number" ? String(value) : "");

/** The named parts of an address that say something. */
function texts<Name extends string>(raw: Record<string, unknown>, ...names: Name[]): Partial<Record<Name, string>> {
  const found: Partial<Record<Name, string>> = {};
  for (const name of names) if (text(raw[name])) found[name] = text(raw[name]);
  return found;
}

export function readRoot(raw: Record<string, unknown>): RootSearch {
  return { ...(isLang(raw.lang) ? { lang: raw.lang } : {}), ...texts(raw, "table") };
}

export function readPeople(raw: Record<string, unknown>): PeopleSearch {
  return texts(raw, "q", "audience");
}

export function readProfile(raw: Record<string, unknown>): ProfileSearch {
  const view = VIEWS.find((one) => one === raw.view);
  const proofs = PROOFS.find((one) => one === raw.proofs);
  return {
    ...(view && view !== "timeline" ? { view } : {}),
    ...(proofs && proofs !== "all" ? { proofs } : {}),
    ...texts(raw, "decision", "mark"),
  };
}

export function readSuggestions(raw: Record<string, unknown>): SuggestionsSearch {
  return texts(raw, "suggestion");
}

export function readQuarantine(raw: Record<string, unknown>): QuarantineSearch {
  return texts(raw, "held");
}

export function readGroups(raw: Record<string, unknown>): GroupsSearch {
  return texts(raw, "kind", "among", "group");
}

export function readTexts(raw: Record<string, unknown>): TextsSearch {
  return texts(raw, "content", "variant", "channel", "tone", "reader");
}

export function readCoverage(raw: Record<string, unknown>): CoverageSearch {
  return texts(raw, "of");
}

export function readCoupons(raw: Record<string, unknown>): CouponsSearch {
  return texts(raw, "pool");
}

export function readMeasure(raw: Record<string, unknown>): MeasureSearch {
  const days = PERIODS.find((one) => one === Number(raw.days));
  return { ...(days ? { days } : {}), ...texts(raw, "funnel") };
}

/** The kinds that an address names, in the order of the filters; none or all mean all. */
export function kindsOf(listed: string | undefined): readonly LiveKind[] {
  const wanted = listed?.split(",") ?? [];
  const found = LIVE_KINDS.filter((kind) => wanted.includes(kind));
  return found.length ? found : LIVE_KINDS;
}

export function readLive(raw: Record<string, unknown>): LiveSearch {
  const kinds = kindsOf(text(raw.kind));
  return { ...(kinds.length < LIVE_KINDS.length ? { kind: kinds.join(",") } : {}), ...texts(raw, "source", "person") };
}

export function readSources(raw: Record<string, unknown>): SourcesSearch {
  const sdk = SDKS.find((one) => one === raw.sdk);
  return { ...(sdk ? { sdk } : {}), ...texts(raw, "source") };
}

export function readLetters(raw: Record<string, unknown>): LettersSearch {
  const status = LETTER_STATES.find((one) => one === raw.status);
  return { ...(status && status !== "waiting" ? { status } : {}), ...texts(raw, "code", "source", "letter") };
}
