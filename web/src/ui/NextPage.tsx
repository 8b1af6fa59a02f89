import { useSpeech } from "../i18n/language.tsx";

interface Pages {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => Promise<unknown>;
}

/** The button that brings the next page of a list; nothing where there is none. */
export function NextPage({ of }: { of: Pages }) {
  const { t } = useSpeech();
  if (!of.hasNextPage) return null;
  return (
    <button type="button" className="button more" disabled={of.isFetchingNextPage} onClick={() => void of.fetchNextPage()}>
      {of.isFetchingNextPage ? t.states.loading : t.people.more}
    </button>
  );
}
