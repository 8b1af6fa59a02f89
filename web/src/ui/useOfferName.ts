import { useQuery } from "@tanstack/react-query";
import { contentsQuery } from "../api/queries.ts";
import { useSpeech } from "../i18n/language.tsx";

/** Names of offers change with the definitions, not with the events: asked for so seldom, in ms. */
const NAMES_MS = 300_000;

/** What people call an offer: the label of the content that tells of it; its own name where there is none. */
export function useOfferName(): (offer: string) => string {
  const { label } = useSpeech();
  const contents = useQuery({ ...contentsQuery, refetchInterval: false, staleTime: NAMES_MS }).data?.contents;
  return (offer) => label(contents?.find((one) => one.name === offer)?.label, offer);
}
