import { useSearch } from "@tanstack/react-router";
import { type FocusEvent, useEffect, useState } from "react";
import { ApiError } from "../api/client.ts";
import { LIVE_KINDS } from "../api/running.ts";
import { kindsOf } from "../app/search.ts";
import { useSpeech } from "../i18n/language.tsx";
import { Fault } from "../ui/Fault.tsx";
import { Empty, Waiting } from "../ui/States.tsx";
import { usePageTitle } from "../ui/usePageTitle.ts";
import { isItem } from "./feed.ts";
import { LiveFilters } from "./LiveFilters.tsx";
import { GapRow, LiveRow } from "./LiveRow.tsx";
import { type Line, type Live, useLive } from "./useLive.ts";
import "./live.css";

/** What people do and what was decided, as it happens. The list holds still on the button, and while the keyboard is inside it. */
export function LivePage() {
  const { t } = useSpeech();
  usePageTitle(t.nav.live);
  const search = useSearch({ from: "/live" });
  const [paused, setPaused] = useState(false);
  const [inside, setInside] = useState(false);
  const kinds = kindsOf(search.kind);
  const live = useLive(
    { kind: kinds.length < LIVE_KINDS.length ? kinds.join(",") : "", source: search.source ?? "", person: search.person ?? "" },
    paused || inside,
  );
  const leave = (event: FocusEvent<HTMLElement>) => {
    if (!event.currentTarget.contains(event.relatedTarget)) setInside(false);
  };
  return (
    <div className="page live">
      <header className="page-head">
        <h1 className="page-title">{t.nav.live}</h1>
        <LineState line={live.line} held={paused || inside} reading={inside && !paused} />
        <span className="live-tools">
          {live.waitingCount ? <Waits count={live.waitingCount} /> : null}
          <button type="button" className="button" aria-pressed={paused} onClick={() => setPaused(!paused)}>
            <PauseIcon paused={paused} />
            {paused ? t.live.resume : t.live.pause}
          </button>
        </span>
      </header>
      <LiveFilters />
      <section className="live-feed" aria-label={t.live.list} onFocus={() => setInside(true)} onBlur={leave}>
        <Rows live={live} />
      </section>
    </div>
  );
}

function Waits({ count }: { count: number }) {
  const { t, format } = useSpeech();
  return <span className="live-waits">{t.live.waiting(format.number(count))}</span>;
}

/** How the line to the stream is: the one thing that is said aloud. */
function LineState({ line, held, reading }: { line: Line; held: boolean; reading: boolean }) {
  const { t } = useSpeech();
  const failed = line instanceof ApiError;
  const dot = failed || line === "lost" ? "is-failing" : held || line === "connecting" ? "is-behind" : "is-beating";
  const said = failed
    ? t.live.refused
    : line === "lost"
      ? t.live.lost
      : line === "connecting"
        ? t.live.connecting
        : reading
          ? t.live.reading
          : held
            ? t.live.paused
            : t.live.open;
  return (
    <p className="health" role="status">
      <span className={`pulse ${dot}`} aria-hidden="true" />
      {said}
    </p>
  );
}

function Rows({ live }: { live: Live }) {
  const { t } = useSpeech();
  if (live.line instanceof ApiError)
    return (
      <div className="state is-small" role="alert">
        <p className="state-title">{t.live.refused}</p>
        <div className="state-hint">
          <Fault error={live.line} />
        </div>
      </div>
    );
  if (!live.shown.length) return live.caughtUp ? <Empty title={t.live.empty} hint={t.live.emptyHint} /> : <Waiting lines={8} tall />;
  return <List live={live} />;
}

function List({ live }: { live: Live }) {
  const { format } = useSpeech();
  const arriving = useAfter(live.caughtUp);
  let day = "";
  return (
    <ol className="live-rows">
      {live.shown.map((entry) => {
        if (!isItem(entry)) return <GapRow key={entry.id} gap={entry} />;
        const own = format.dayKey(entry.at);
        const changed = own !== day;
        day = own;
        return <LiveRow key={entry.id} item={entry} day={changed ? format.shortDay(entry.at) : null} arriving={arriving} />;
      })}
    </ol>
  );
}

/** True from the drawing after the one in which it became true: what is drawn together with it was there before. */
function useAfter(now: boolean): boolean {
  const [after, setAfter] = useState(false);
  useEffect(() => setAfter(now), [now]);
  return after;
}

function PauseIcon({ paused }: { paused: boolean }) {
  return (
    <svg width="12" height="12" viewBox="0 0 12 12" className="pause-icon" aria-hidden="true" focusable="false">
      {paused ? <path d="M3 1.5v9l7-4.5z" /> : <path d="M2.5 1.5h2.5v9H2.5zM7 1.5h2.5v9H7z" />}
    </svg>
  );
}
