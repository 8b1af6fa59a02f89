import { useQuery } from "@tanstack/react-query";
import { momentQuery } from "../api/queries.ts";
import type { MomentAnswer, MomentFact } from "../api/results.ts";
import { useSpeech } from "../i18n/language.tsx";
import { ScrollBox } from "../ui/ScrollBox.tsx";
import { Failed, Waiting } from "../ui/States.tsx";
import { NamedValue } from "../ui/ValueView.tsx";
import { tellingFacts } from "./telling.ts";

/** Below this a fact says how sure it is where it stands alone. */
const SURE = 0.8;

/** What is true of the person now: what tells most at a glance, and all of it with its source, its age and how sure it is. */
export function Moment({ id }: { id: string }) {
  const { t } = useSpeech();
  const moment = useQuery(momentQuery(id));
  return (
    <section className="moment" aria-label={t.now.title}>
      {moment.isPending ? <Waiting lines={1} /> : null}
      {moment.isError && !moment.data ? <Failed error={moment.error} retry={() => void moment.refetch()} /> : null}
      {moment.data ? <Facts moment={moment.data} /> : null}
    </section>
  );
}

function Facts({ moment }: { moment: MomentAnswer }) {
  const { t, format, label } = useSpeech();
  if (!moment.facts.length) return <p className="part-note">{t.now.none}</p>;
  return (
    <>
      <dl className="moment-facts">
        {tellingFacts(moment.facts).map((fact) => (
          <div key={fact.name} className="moment-fact">
            <dt title={fact.name}>{label(fact.label, fact.name)}</dt>
            <dd>
              <Said of={fact} />
              {fact.confidence < SURE ? <span className="moment-sure">{t.now.unsure(format.share(fact.confidence))}</span> : null}
            </dd>
          </div>
        ))}
      </dl>
      <details className="moment-all">
        <summary>{t.now.all(format.number(moment.facts.length))}</summary>
        <FactTable moment={moment} />
      </details>
    </>
  );
}

function FactTable({ moment }: { moment: MomentAnswer }) {
  const { t, format, label } = useSpeech();
  const columns = [t.now.fact, t.now.value, t.now.source, t.now.observed, t.now.confidence];
  return (
    <ScrollBox label={t.now.title}>
      <table className="table">
        <thead>
          <tr>
            {columns.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {moment.facts.map((fact) => (
            <tr key={fact.name}>
              <th scope="row" title={fact.name}>
                {label(fact.label, fact.name)}
              </th>
              <td>
                <Said of={fact} />
              </td>
              <td>{t.now.sources[fact.source] ?? fact.source}</td>
              <td>
                <time dateTime={new Date(fact.observed_at).toISOString()} title={format.dateTime(fact.observed_at)}>
                  {format.relative(fact.observed_at, moment.at)}
                </time>
              </td>
              <td className="is-number">{format.share(fact.confidence)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}

/** The value as people call it; of one that has aged, what it was. */
function Said({ of }: { of: MomentFact }) {
  const { t, format, label } = useSpeech();
  const last = label(of.said, format.value(of.last));
  if (of.stale) return <span className="value is-unknown">{t.now.was(last)}</span>;
  if (of.said.ko || of.said.en) return <span className="value">{last}</span>;
  return <NamedValue of={of.name.replace(/^moment\./, "")} value={of.value} />;
}
