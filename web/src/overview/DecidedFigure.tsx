import type { Overview } from "../api/running.ts";
import { BarList } from "../charts/BarList.tsx";
import { Figure } from "../charts/Figure.tsx";
import { type Part, SplitBar } from "../charts/SplitBar.tsx";
import { useSpeech } from "../i18n/language.tsx";
import { Empty } from "../ui/States.tsx";
import { span } from "./span.ts";

/** How many reasons are drawn; the table has all. */
const REASONS = 6;

/** What decisions came to, and why candidates were refused. */
export function DecidedFigure({ decisions }: { decisions: Overview["decisions"] }) {
  const { t, format, label } = useSpeech();
  const parts: Part[] = [
    { key: "chosen", name: t.watch.chosen, count: decisions.chosen, tone: "stage-6" },
    { key: "fallback", name: t.watch.fallback, count: decisions.fallback, tone: "stage-4" },
    { key: "nothing", name: t.watch.nothing, count: decisions.nothing, tone: "tone-rest" },
  ];
  const gate = (name: string) => t.decisions.gates[name] ?? name;
  if (!decisions.total) return <Empty title={t.watch.noDecisions} hint={t.decisions.emptyHint} />;
  const refusals = decisions.refusals.map((one) => [gate(one.gate), label(one.label, one.code), one.count] as const);
  return (
    <Figure
      name="decisions"
      title={t.watch.decisions}
      table={{
        columns: [t.watch.kind, t.watch.what, t.watch.count],
        rows: [...parts.map((one) => [t.watch.outcome, one.name, one.count] as const), ...refusals],
      }}
      show={(cell) => (typeof cell === "number" ? format.number(cell) : (cell ?? ""))}
    >
      <SplitBar parts={parts} title={t.watch.outcome} height={14} />
      <p className="part-note is-under">
        {[
          decisions.p95_ms === null
            ? ""
            : t.watch.times(span(decisions.p50_ms, format), span(decisions.p95_ms, format), span(decisions.p99_ms, format)),
          t.watch.holdout(format.number(decisions.holdout)),
        ]
          .filter(Boolean)
          .join(" · ")}
      </p>
      {decisions.refusals.length ? (
        <>
          <h3 className="part-title">{t.watch.refusals}</h3>
          <BarList
            tone="tone-tan"
            bars={decisions.refusals.slice(0, REASONS).map((one) => ({
              key: `${one.gate}:${one.code}`,
              name: label(one.label, one.code),
              note: gate(one.gate),
              count: one.count,
            }))}
          />
        </>
      ) : null}
    </Figure>
  );
}
