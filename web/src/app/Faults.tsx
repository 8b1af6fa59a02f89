import { type ErrorComponentProps, Link } from "@tanstack/react-router";
import { en } from "../i18n/en.ts";
import { ko } from "../i18n/ko.ts";
import { useSpeech } from "../i18n/language.tsx";
import { usePageTitle } from "../ui/usePageTitle.ts";

export function NoSuchPage() {
  const { t } = useSpeech();
  usePageTitle(t.states.notFound);
  return (
    <section className="state">
      <h1 className="state-title">{t.states.notFound}</h1>
      <p className="state-hint">{t.states.notFoundHint}</p>
      <Link to="/" className="button">
        {t.states.home}
      </Link>
    </section>
  );
}

/** Shown when a component threw; it may use nothing that could throw again, so it speaks both languages. */
export function Crash({ error }: ErrorComponentProps) {
  return (
    <main className="state">
      <h1 className="state-title">
        {ko.states.crash} · {en.states.crash}
      </h1>
      <pre className="state-detail">{error instanceof Error ? error.message : String(error)}</pre>
      <button type="button" className="button" onClick={() => window.location.reload()}>
        {ko.states.retry} · {en.states.retry}
      </button>
    </main>
  );
}
