import { useQuery } from "@tanstack/react-query";
import { momentQuery } from "../api/queries.ts";
import type { MomentAnswer, MomentFact } from "../api/results.ts";
import type { Instant } from "../api/types.ts";
import { useSpeech } from "../i18n/language.tsx";
import { ColumnHeads } from "../ui/ColumnHeads.tsx";
import { ScrollBox } from "../ui/ScrollBox.tsx";
import { Failed, Waiting } from "../ui/States.tsx";
import { useNames } from "../ui/useNames.ts";
import { useSourceName } from "../ui/useSourceName.ts";
import { NamedValue } from "../ui/ValueView.tsx";
import { FeelingView } from "./Feeling.tsx";
import { feelingOf, measured } from "./measured.ts";
import { brakeOf, inOrder, tellingFacts } from "./telling.ts";
import "./moment.css";

/** Below this a fact says how sure it is where it stands alone. */
const SURE = 0.8;
/** Facts that are feelings, from -1 to 1. */
const FEELINGS = new Set(["emotion", "emotion_trend"]);

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
      <Brake facts={moment.facts} />
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

/** Why nothing is advertised to the person now: seen before anything else. */
function Brake({ facts }: { facts: readonly MomentFact[] }) {
  const { t } = useSpeech();
  const why = brakeOf(facts);
  return why ? (
    <p className="moment-brake">
      <strong>{t.now.brake}</strong> {t.now.brakes[why]}
    </p>
  ) : null;
}

function FactTable({ moment }: { moment: MomentAnswer }) {
  const { t } = useSpeech();
  const columns = [t.now.fact, t.now.value, t.now.source, t.now.observed, t.now.until, t.now.confidence];
  return (
    <ScrollBox label={t.now.title}>
      <table className="table moment-table">
        <ColumnHeads names={columns} />
        <tbody>
          {inOrder(moment.facts).map((fact) => (
            <FactRow key={fact.name} fact={fact} now={moment.at} />
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}

function FactRow({ fact, now }: { fact: MomentFact; now: Instant }) {
  const { t, format, label } = useSpeech();
  const sourceName = useSourceName();
  return (
    <tr className={fact.stale ? "is-stale" : undefined}>
      <th scope="row" title={fact.name}>
        {label(fact.label, fact.name)}
      </th>
      <td>
        <Said of={fact} />
      </td>
      <td title={fact.source}>{t.now.sources[fact.source] ?? sourceName(fact.source)}</td>
      <td>
        <time dateTime={new Date(fact.observed_at).toISOString()} title={format.dateTime(fact.observed_at)}>
          {format.relative(fact.observed_at, now)}
        </time>
      </td>
      <td>
        {fact.until === null ? (
          t.now.endless
        ) : (
          <time dateTime={new Date(fact.until).toISOString()} title={format.dateTime(fact.until)}>
            {fact.stale ? t.now.ended(format.relative(fact.until, now)) : format.relative(fact.until, now)}
          </time>
        )}
      </td>
      <td className="is-number">{format.share(fact.confidence)}</td>
    </tr>
  );
}

/** The value as people call it; of one that has aged, what it was. */
function Said({ of }: { of: MomentFact }) {
  const { t, format, label } = useSpeech();
  const { wordOf } = useNames();
  const name = of.name.replace(/^moment\./, "");
  if (of.stale) return <span className="value is-unknown">{t.now.was(lastOf(of, name))}</span>;
  if (of.said.ko || of.said.en)
    return (
      <span className="value" title={String(of.last)}>
        {label(of.said, "")}
      </span>
    );
  if (typeof of.value !== "number") return <NamedValue of={name} value={of.value} />;
  if (FEELINGS.has(name)) return <FeelingView polarity={of.value} />;
  return <span className="value is-number">{measured(name, of.value, format) ?? format.number(of.value)}</span>;

  function lastOf(fact: MomentFact, known: string): string {
    if (fact.said.ko || fact.said.en) return label(fact.said, "");
    if (typeof fact.last === "string") return wordOf(known, fact.last);
    if (typeof fact.last !== "number") return format.value(fact.last);
    if (FEELINGS.has(known)) return t.now.feelings[feelingOf(fact.last)];
    return measured(known, fact.last, format) ?? format.number(fact.last);
  }
}
