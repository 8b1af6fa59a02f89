import { Link } from "@tanstack/react-router";
import type { Minute, Overview } from "../api/running.ts";
import { Figure } from "../charts/Figure.tsx";
import { RateChart } from "../charts/RateChart.tsx";
import { useSpeech } from "../i18n/language.tsx";
import { Empty } from "../ui/States.tsx";

/** At least so many minutes are drawn, also where the first event is younger. */
const LEAST_MINUTES = 10;

/** The last hour, without the minutes before the first event that it holds. */
function sinceFirst(rate: readonly Minute[]): readonly Minute[] {
  const first = rate.findIndex((one) => one.accepted + one.rejected > 0);
  return first < 0 ? rate : rate.slice(Math.min(first, Math.max(rate.length - LEAST_MINUTES, 0)));
}

/** What came in during the last hour, minute by minute. */
export function RateFigure({ overview }: { overview: Overview }) {
  const { t, format } = useSpeech();
  const { rate, total } = overview.events;
  const quiet = rate.every((one) => one.accepted + one.rejected === 0);
  if (!total)
    return (
      <Empty title={t.watch.nothingYet} hint={t.watch.nothingYetHint}>
        <Link to="/data/sources" className="button">
          {t.watch.connect}
        </Link>
      </Empty>
    );
  return (
    <Figure
      name="rate"
      title={t.watch.rate}
      table={{
        columns: [t.watch.minute, t.watch.accepted, t.watch.rejected],
        rows: rate.map((one) => [new Date(one.at).toISOString(), one.accepted, one.rejected]),
      }}
      show={(cell, column) => (column === 0 ? format.time(String(cell)) : format.number(Number(cell)))}
      tools={
        <Link to="/live" className="quiet is-link">
          {t.watch.toLive}
        </Link>
      }
    >
      {quiet ? <p className="part-note">{t.watch.quiet}</p> : <RateChart minutes={sinceFirst(rate)} title={t.watch.rate} />}
    </Figure>
  );
}
