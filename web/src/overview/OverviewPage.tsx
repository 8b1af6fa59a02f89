import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { overviewQuery } from "../api/queries.ts";
import type { Overview, Problem } from "../api/running.ts";
import { useSpeech } from "../i18n/language.tsx";
import { Headline } from "../ui/Headline.tsx";
import { Simulated } from "../ui/Simulated.tsx";
import { Failed } from "../ui/States.tsx";
import { usePageTitle } from "../ui/usePageTitle.ts";
import { DecidedFigure } from "./DecidedFigure.tsx";
import { DeliveredFigure } from "./DeliveredFigure.tsx";
import { RateFigure } from "./RateFigure.tsx";
import { span } from "./span.ts";

/** The problem that is mended on a screen of this console. */
const REJECTED = "events_rejected";

/** Problems in which events, or the way back after a stop, are at stake. */
const GRAVE = new Set(["not_taking", "not_acting", "disk_low", "snapshot_failed"]);

/** Is it working? What comes in, what becomes of it, what is wrong. */
export function OverviewPage() {
  const { t } = useSpeech();
  usePageTitle(t.nav.overview);
  const overview = useQuery(overviewQuery);
  const known = overview.data;
  return (
    <div className="page">
      <header className="page-head">
        <h1 className="page-title">{t.nav.overview}</h1>
        {known ? <Health overview={known} /> : null}
      </header>
      {overview.isError && !known ? <Failed error={overview.error} retry={() => void overview.refetch()} /> : null}
      {known?.problems.length ? <Problems problems={known.problems} /> : null}
      {overview.isError && !known ? null : <Headlines overview={known} />}
      {known ? <Charts overview={known} /> : null}
    </div>
  );
}

/** One line that says whether anything has to be done. */
function Health({ overview }: { overview: Overview }) {
  const { t, format } = useSpeech();
  const wrong = overview.problems.length;
  const state = wrong ? "is-failing" : overview.events.backlog > 0 ? "is-behind" : "";
  return (
    <p className="health" role="status">
      <span className={`pulse ${state}`} aria-hidden="true" />
      <span>{wrong ? t.watch.problems(format.number(wrong)) : t.watch.well}</span>
    </p>
  );
}

function Problems({ problems }: { problems: readonly Problem[] }) {
  const { t, label } = useSpeech();
  return (
    <section
      className="problems"
      aria-label={t.watch.problemsTitle}
      role={problems.some((one) => GRAVE.has(one.code)) ? "alert" : undefined}
    >
      <ul>
        {problems.map((one) => (
          <li key={one.code} className={GRAVE.has(one.code) ? "problem is-grave" : "problem"}>
            <p className="problem-what">{label(one.text, one.code)}</p>
            <p className="problem-mend">
              {label(one.mend, "")}{" "}
              {one.code === REJECTED ? (
                <Link to="/data/rejected" className="text-link">
                  {t.watch.correct}
                </Link>
              ) : null}
            </p>
            <code className="problem-code">{one.code}</code>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Headlines({ overview }: { overview: Overview | undefined }) {
  const { t, format } = useSpeech();
  const { events, people, decisions, deliveries } = overview ?? {};
  const inHour = events?.rate.reduce((sum, one) => sum + one.accepted, 0) ?? 0;
  return (
    <section className="figures" aria-label={t.watch.inFigures}>
      <dl className="figures-list">
        <Headline
          name={t.watch.events}
          value={events ? format.number(events.total) : null}
          note={events ? t.watch.lastHour(format.number(inHour)) : null}
          mark={overview?.simulated ? <Simulated what={t.simulated.figure} /> : null}
        />
        <Headline
          name={t.watch.lag}
          value={events ? span(events.lag.p95_ms, format) : null}
          note={
            events
              ? events.lag.p95_ms === null
                ? t.watch.quietNow
                : t.watch.spread(span(events.lag.p50_ms, format), span(events.lag.p99_ms, format))
              : null
          }
        />
        <Headline
          name={t.watch.identified}
          value={people ? (people.total ? format.share(people.identified / people.total) : "–") : null}
          note={people ? t.watch.ofPeople(format.number(people.identified), format.number(people.total)) : null}
        />
        <Headline
          name={t.watch.deciding}
          value={decisions ? span(decisions.p95_ms, format) : null}
          note={
            decisions
              ? [t.watch.decided(format.number(decisions.total)), decisions.p95_ms === null ? t.watch.notTimed : ""]
                  .filter(Boolean)
                  .join(" · ")
              : null
          }
        />
        <Headline
          name={t.watch.deliveries}
          value={deliveries ? format.number(deliveries.total) : null}
          note={deliveries ? t.watch.notSent(format.number(deliveries.states.refused ?? 0)) : null}
        />
        <Headline
          name={t.watch.rejectedEvents}
          value={events ? format.number(events.rejected) : null}
          alarming={Boolean(events?.rejected)}
          note={
            events?.rejected ? (
              <Link to="/data/rejected" className="text-link">
                {t.watch.correct}
              </Link>
            ) : events ? (
              t.watch.noneRejected
            ) : null
          }
        />
      </dl>
    </section>
  );
}

function Charts({ overview }: { overview: Overview }) {
  const { t, format } = useSpeech();
  const { lake } = overview;
  const waits = [
    t.watch.backlog(format.number(overview.events.backlog)),
    t.watch.duplicates(format.number(overview.events.duplicates)),
    t.watch.lake(format.number(lake.offset), format.number(lake.behind)),
  ];
  return (
    <>
      <RateFigure overview={overview} />
      <p className="page-foot">{waits.join(" · ")}</p>
      <div className="page-columns">
        <DecidedFigure decisions={overview.decisions} />
        <DeliveredFigure deliveries={overview.deliveries} />
      </div>
    </>
  );
}
