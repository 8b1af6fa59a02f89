import { useQuery } from "@tanstack/react-query";
import { policiesQuery } from "../api/queries.ts";
import type { Policy } from "../api/results.ts";
import { useSpeech } from "../i18n/language.tsx";

/** What the API calls the workspace's own past. */
const LAKE = "lake";

/** Policies that learn: whether each decides, by which verdict, and from how much it has learned. Nothing where there is none. */
export function PoliciesPanel() {
  const { t } = useSpeech();
  const policies = useQuery(policiesQuery).data;
  if (!policies?.length) return null;
  return (
    <section className="policies" aria-label={t.results.policies}>
      <h2 className="figure-title">{t.results.policies}</h2>
      <ul className="cards">
        {policies.map((one) => (
          <li key={one.name} className="card">
            <Standing policy={one} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Standing({ policy }: { policy: Policy }) {
  const { t, format, label } = useSpeech();
  const learned = Math.round(Object.values(policy.learned).reduce((sum, n) => sum + n, 0));
  const decides = policy.verdict !== null;
  return (
    <>
      <p className="card-head">
        <span className={decides ? "verdict is-true" : "verdict is-false"}>
          {decides && policy.since !== null ? t.results.deciding(format.dateTime(policy.since)) : t.results.learning}
        </span>
        <span className="card-name">{label(policy.label, policy.name)}</span>
      </p>
      <p className="card-sentence">{t.results.learned(format.number(learned))}</p>
      {policy.warmed.map(({ at, source, rows }) => (
        <p key={`${at} ${source}`} className="card-sentence">
          {t.results.warmed(format.dateTime(at), format.number(rows), source === LAKE ? t.results.ownPast : source)}
        </p>
      ))}
      {decides ? null : (
        <p className="card-note">
          {policy.ended ? `${t.results.ended[policy.ended.reason](format.dateTime(policy.ended.at))} ` : ""}
          {t.results.learningWhy}
        </p>
      )}
    </>
  );
}
