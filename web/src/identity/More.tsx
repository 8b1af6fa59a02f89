import { useState } from "react";
import { useSpeech } from "../i18n/language.tsx";

/** The first of many, and what shows the rest; null when all are shown. */
export function useListed<T>(all: readonly T[], first: number): [readonly T[], (() => void) | null] {
  const [whole, setWhole] = useState(false);
  const cut = !whole && all.length > first;
  return [cut ? all.slice(0, first) : all, cut ? () => setWhole(true) : null];
}

export function More({ show }: { show: () => void }) {
  const { t } = useSpeech();
  return (
    <button type="button" className="button more" onClick={show}>
      {t.identities.everything}
    </button>
  );
}
