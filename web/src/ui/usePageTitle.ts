import { useEffect } from "react";
import { useSpeech } from "../i18n/language.tsx";

/** Sets the window's title to “what · Gyeol”. */
export function usePageTitle(what: string): void {
  const { t } = useSpeech();
  useEffect(() => {
    document.title = `${what} · ${t.title}`;
  }, [what, t]);
}
