import { useQuery } from "@tanstack/react-query";
import { sourcesQuery } from "../api/queries.ts";
import { useSpeech } from "../i18n/language.tsx";
import { SENDERS } from "../i18n/values.ts";

/** Names of sources change with the definitions, not with the events: asked for so seldom, in ms. */
const NAMES_MS = 300_000;

/** What people call a source; a word of ours for who is no source (`admin`), else its own name. */
export function useSourceName(): (source: string) => string {
  const { label, name } = useSpeech();
  const sources = useQuery({ ...sourcesQuery, refetchInterval: false, staleTime: NAMES_MS }).data?.sources;
  return (source) => label(sources?.find((one) => one.name === source)?.label, name(SENDERS, source));
}
