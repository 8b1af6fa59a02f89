import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { violationsQuery } from "../api/queries.ts";
import type { Violation } from "../api/running.ts";
import { useSpeech } from "../i18n/language.tsx";
import { EVENTS } from "../i18n/terms.ts";
import { Empty, Failed, Waiting } from "../ui/States.tsx";
import { usePageTitle } from "../ui/usePageTitle.ts";

/** Where events do not say what the tracking plan promises. */
export function Violations() {
  const { t, format } = useSpeech();
  usePageTitle(`${t.nav.data} – ${t.data.plan}`);
  const violations = useQuery(violationsQuery);
  if (violations.isPending) return <Waiting lines={6} tall />;
  if (violations.isError && !violations.data) return <Failed error={violations.error} retry={() => void violations.refetch()} />;
  const { violations: found, since } = violations.data;
  if (!found.length) return <Empty title={t.plan.empty} hint={t.plan.emptyHint} />;
  return (
    <>
      {since === 0 ? null : <p className="part-note">{t.plan.since(format.dateTime(since))}</p>}
      <ul className="cards violations">
        {found
          .toSorted((a, b) => b.count - a.count)
          .map((one) => (
            <li key={[one.event, one.path, one.code, one.source].join("|")}>
              <ViolationCard violation={one} />
            </li>
          ))}
      </ul>
    </>
  );
}

function ViolationCard({ violation }: { violation: Violation }) {
  const { t, format, label, name } = useSpeech();
  const { example } = violation;
  const rejected = violation.effect === "rejected";
  return (
    <article className="card violation" aria-label={`${name(EVENTS, violation.event)} ${violation.path}`}>
      <header className="violation-head">
        <h2 className="violation-what">
          {name(EVENTS, violation.event)} <code className="violation-path">{violation.path}</code>
        </h2>
        <span className={rejected ? "gate" : "verdict is-false"}>{rejected ? t.plan.rejected : t.plan.flagged}</span>
        <span className="violation-count">{t.plan.times(format.number(violation.count))}</span>
      </header>
      <p className="card-sentence">{label(violation.text, violation.code)}</p>
      <dl className="compare">
        <div>
          <dt>{t.plan.expected}</dt>
          <dd>
            <code>{violation.expected}</code>
          </dd>
        </div>
        <div className="is-found">
          <dt>{t.plan.found}</dt>
          <dd>{violation.found ? <code>{violation.found}</code> : t.values.none}</dd>
        </div>
        <div>
          <dt>{t.plan.example}</dt>
          <dd>
            {example.value === null || example.value === undefined ? t.values.none : <code>{JSON.stringify(example.value)}</code>}
            {example.dead_letter ? (
              <Link to="/data/rejected" search={(now) => ({ lang: now.lang, letter: example.dead_letter ?? "" })} className="text-link">
                {t.plan.open}
              </Link>
            ) : null}
          </dd>
        </div>
      </dl>
      <p className="card-note">
        {[t.timeline.via(violation.source), violation.last_at === null ? "" : t.plan.last(format.dateTime(violation.last_at))]
          .filter(Boolean)
          .join(" · ")}
      </p>
    </article>
  );
}
