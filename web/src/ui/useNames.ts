import { useQuery } from "@tanstack/react-query";
import { contentsQuery, NAMES_MS, namesQuery } from "../api/queries.ts";
import { useSpeech } from "../i18n/language.tsx";
import { wordFor } from "../i18n/values.ts";
import { kindOf, type NamedKind } from "./kindOf.ts";

interface NamesOf {
  /** What people call a thing of a kind; its code where the files give it no name. */
  nameOf: (kind: NamedKind, code: string) => string;
  /** What people call one of the ways to show an offer. */
  creativeOf: (offer: string, creative: string) => string;
  /** A value as people call it, by the name under which it stands: a thing that the files name, or a word of ours. */
  wordOf: (name: string, value: string) => string;
}

/** What the workspace's files call things, in the page's language. An offer without a label goes by that of its content. */
export function useNames(): NamesOf {
  const { label, lang } = useSpeech();
  const names = useQuery(namesQuery).data;
  const contents = useQuery({ ...contentsQuery, refetchInterval: false, staleTime: NAMES_MS }).data?.contents;
  const nameOf = (kind: NamedKind, code: string) =>
    label(names?.[kind][code] ?? (kind === "offers" ? contents?.find((one) => one.name === code)?.label : undefined), code);
  return {
    nameOf,
    creativeOf: (offer, creative) => label(names?.creatives[offer]?.[creative], creative),
    wordOf: (name, value) => {
      const kind = kindOf(name);
      const named = kind ? nameOf(kind, value) : value;
      return named === value ? wordFor(name, value, lang) : named;
    },
  };
}
