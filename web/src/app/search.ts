import type { Lang } from "../api/types.ts";
import { isLang } from "../i18n/language.tsx";

/** Parts of a profile, in the order of their links. */
export const VIEWS = ["timeline", "traits", "audiences", "decisions", "identities"] as const;
export type View = (typeof VIEWS)[number];

/** What every address may say. `table`: names of the charts shown as tables, separated by commas. */
export interface RootSearch {
  lang?: Lang | undefined;
  table?: string | undefined;
}

export interface PeopleSearch {
  q?: string | undefined;
  audience?: string | undefined;
  funnel?: string | undefined;
}

export interface ProfileSearch {
  view?: View | undefined;
}

const text = (value: unknown): string => (typeof value === "string" ? value : typeof value === "number" ? String(value) : "");

export function readRoot(raw: Record<string, unknown>): RootSearch {
  return { ...(isLang(raw.lang) ? { lang: raw.lang } : {}), ...(text(raw.table) ? { table: text(raw.table) } : {}) };
}

export function readPeople(raw: Record<string, unknown>): PeopleSearch {
  const found: PeopleSearch = {};
  if (text(raw.q)) found.q = text(raw.q);
  if (text(raw.audience)) found.audience = text(raw.audience);
  if (text(raw.funnel)) found.funnel = text(raw.funnel);
  return found;
}

export function readProfile(raw: Record<string, unknown>): ProfileSearch {
  const view = VIEWS.find((one) => one === raw.view);
  return view && view !== "timeline" ? { view } : {};
}
