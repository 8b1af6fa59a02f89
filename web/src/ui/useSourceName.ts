import { useQuery } from "@tanstack/react-query";
import { sourcesQuery } from "../api/queries.ts";
import { useSpeech } from "../i18n/language.tsx";

/** Names of sources change with the definitions, not with the events: asked for so seldom, in ms. */
const NAMES_MS = 300_000;

/** What people call a source; its own name until that is known, and for one that is gone. */
export function useSourceName(): (source: string) => string {
  const { label } = useSpeech();
  const sources = useQuery({ ...sourcesQuery, refetchInterval: false, staleTime: NAMES_MS }).data?.sources;
  return (source) => label(sources?.find((one) => one.name === source)?.label, source);
}
