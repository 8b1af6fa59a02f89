import { ApiError } from "../api/client.ts";
import { faultText } from "../i18n/faults.ts";
import { useSpeech } from "../i18n/language.tsx";

/** Words of the server, which speaks English: folded away behind a word of the page's language where that is another one. */
export function InEnglish({ text }: { text: string }) {
  const { t, lang } = useSpeech();
  if (!text) return null;
  if (lang === "en") return <span>{text}</span>;
  return (
    <details className="in-english">
      <summary>{t.states.inEnglish}</summary>
      <span lang="en">{text}</span>
    </details>
  );
}

/** What went wrong: a sentence in the page's language, and the server's own words, which say where and how to mend it. */
export function Fault({ error }: { error: Error }) {
  const { t, lang } = useSpeech();
  if (!(error instanceof ApiError)) return <InEnglish text={error.message} />;
  if (error.status === 0) return <>{t.states.offline}</>;
  if (lang === "en") return <>{error.message}</>;
  return (
    <>
      {faultText(error, lang)} <InEnglish text={error.message} />
    </>
  );
}
