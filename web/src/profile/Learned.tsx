import { useQuery } from "@tanstack/react-query";
import { policiesQuery } from "../api/queries.ts";
import type { Contribution, Decision } from "../api/types.ts";
import { useSpeech } from "../i18n/language.tsx";

/** What a policy weighed: by how much each feature spoke for the chosen offer (right) or for the runner-up (left). */
export function Learned({ decision }: { decision: Decision }) {
  const { t, format, label } = useSpeech();
  const policy = useQuery(policiesQuery).data?.find((one) => one.name === decision.policy);
  if (!decision.policy || !decision.contributions.length) return null;
  const differences = decision.contributions.map((one) => ({ ...one, by: one.chosen - one.runner_up }));
  const most = Math.max(...differences.map((one) => Math.abs(one.by)), Number.EPSILON);
  return (
    <div className="learned">
      <h3 className="refusals-title">{t.decisions.learned(label(policy?.label, decision.policy))}</h3>
      <ul className="learned-list">
        {differences.map((one) => (
          <li key={one.feature} className="learned-line">
            <span className="learned-name">
              {one.feature} <span className="learned-value">{format.number(one.value)}</span>
            </span>
            <Difference by={one.by} most={most} />
            <span className="learned-by">{signed(one, format.number)}</span>
          </li>
        ))}
      </ul>
      <p className="card-note">{t.decisions.learnedHint}</p>
    </div>
  );
}

function signed(one: Contribution, said: (value: number) => string): string {
  const by = one.chosen - one.runner_up;
  return by > 0 ? `+${said(by)}` : said(by);
}

function Difference({ by, most }: { by: number; most: number }) {
  const width = (Math.abs(by) / most) * 50;
  return (
    <svg className="learned-bar" height="6" aria-hidden="true" focusable="false">
      <rect width="100%" height="6" rx="3" className="bar-ground" />
      <rect x={`${by < 0 ? 50 - width : 50}%`} width={`${width}%`} height="6" className={by < 0 ? "bar is-against" : "bar"} />
    </svg>
  );
}
