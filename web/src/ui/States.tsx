import type { ReactNode } from "react";
import { ApiError } from "../api/client.ts";
import { useSpeech } from "../i18n/language.tsx";
import { Fault } from "./Fault.tsx";
import { usePageTitle } from "./usePageTitle.ts";

/** Grey lines in the shape of what will come. */
export function Waiting({ lines, tall = false }: { lines: number; tall?: boolean }) {
  const { t } = useSpeech();
  const shape = Array.from({ length: lines }, (_, i) => `line-${i}`);
  return (
    <div className={tall ? "waiting is-tall" : "waiting"} role="status">
      <span className="visually-hidden">{t.states.loading}</span>
      {shape.map((key, i) => (
        <span key={key} className="waiting-line" style={{ inlineSize: `${[92, 78, 86, 64][i % 4]}%` }} aria-hidden="true" />
      ))}
    </div>
  );
}

/** `main`: whether it stands where the page's own heading would. */
export function Empty({ title, hint, main = false, children }: { title: string; hint: string; main?: boolean; children?: ReactNode }) {
  return (
    <div className="state is-small">
      {main ? <h1 className="state-title">{title}</h1> : <p className="state-title">{title}</p>}
      <p className="state-hint">{hint}</p>
      {children}
    </div>
  );
}

/** Says what went wrong in the server's own words, and offers to try again. */
export function Failed({ error, retry }: { error: Error; retry: () => void }) {
  const { t } = useSpeech();
  if (error instanceof ApiError && error.forbidden) return <Forbidden small />;
  return (
    <div className="state is-small" role="alert">
      <p className="state-title">{t.states.error}</p>
      <div className="state-hint">
        <Fault error={error} />
      </div>
      <button type="button" className="button" onClick={retry}>
        {t.states.retry}
      </button>
    </div>
  );
}

export function Forbidden({ small = false }: { small?: boolean }) {
  const { t } = useSpeech();
  return small ? (
    <ForbiddenText />
  ) : (
    <ForbiddenPage title={t.states.forbidden}>
      <ForbiddenText />
    </ForbiddenPage>
  );
}

function ForbiddenPage({ title, children }: { title: string; children: ReactNode }) {
  usePageTitle(title);
  return <div className="closed">{children}</div>;
}

function ForbiddenText() {
  const { t } = useSpeech();
  return (
    <section className="state">
      <h1 className="state-title">{t.states.forbidden}</h1>
      <p className="state-hint">{t.states.forbiddenHint}</p>
      <p>
        <kbd className="command">{t.states.forbiddenCommand}</kbd>
      </p>
    </section>
  );
}
