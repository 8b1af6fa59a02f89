import { useSearch } from "@tanstack/react-router";
import { createContext, type ReactNode, useContext, useEffect, useMemo } from "react";
import type { Lang, Text } from "../api/types.ts";
import { type Format, formatFor } from "../format/format.ts";
import { type Catalogue, en } from "./en.ts";
import { ko } from "./ko.ts";
import { type Terms, termOf } from "./terms.ts";

const CATALOGUES: Record<Lang, Catalogue> = { ko, en };
const STORED_AT = "gyeol.lang";

export function isLang(value: unknown): value is Lang {
  return value === "ko" || value === "en";
}

/** The language of the URL, else the one chosen last, else the browser's (Korean or English). */
export function chooseLang(fromUrl: unknown, stored: string | null, browser: readonly string[]): Lang {
  if (isLang(fromUrl)) return fromUrl;
  if (isLang(stored)) return stored;
  return browser[0]?.toLowerCase().startsWith("ko") ? "ko" : "en";
}

/** The text in the language, else in the other one, else the name. */
export function say(text: Text | undefined | null, lang: Lang, name: string): string {
  return text?.[lang] ?? text?.[lang === "ko" ? "en" : "ko"] ?? name;
}

function readStored(): string | null {
  try {
    return window.localStorage.getItem(STORED_AT);
  } catch {
    return null; // a browser may forbid storage; the URL still holds the choice
  }
}

export function remember(lang: Lang): void {
  try {
    window.localStorage.setItem(STORED_AT, lang);
  } catch {
    // see readStored
  }
}

interface Speech {
  lang: Lang;
  t: Catalogue;
  /** A label in the page's language; the name where there is none. */
  label: (text: Text | undefined | null, name: string) => string;
  /** A name out of data in the page's language, as far as it is known. */
  name: (terms: Terms, name: string) => string;
  format: Format;
}

const SpeechContext = createContext<Speech | null>(null);

export function SpeechProvider({ zone, children }: { zone: string; children: ReactNode }) {
  const search = useSearch({ strict: false });
  const lang = chooseLang(search.lang, readStored(), window.navigator.languages);
  const speech = useMemo<Speech>(() => {
    const t = CATALOGUES[lang];
    return {
      lang,
      t,
      label: (text, name) => say(text, lang, name),
      name: (terms, name) => termOf(terms, name, lang),
      format: formatFor(lang, zone, t.values),
    };
  }, [lang, zone]);
  useEffect(() => {
    document.documentElement.lang = lang;
  }, [lang]);
  return <SpeechContext value={speech}>{children}</SpeechContext>;
}

export function useSpeech(): Speech {
  const speech = useContext(SpeechContext);
  if (!speech) throw new Error("useSpeech needs a SpeechProvider above it");
  return speech;
}
