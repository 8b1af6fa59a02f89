import { useInfiniteQuery } from "@tanstack/react-query";
import { timelineQuery } from "../api/queries.ts";
import type { TimelineEvent } from "../api/types.ts";
import { useSpeech } from "../i18n/language.tsx";
import { CHANNELS, EVENTS, FIELDS } from "../i18n/terms.ts";
import { Simulated } from "../ui/Simulated.tsx";
import { Empty, Failed, Waiting } from "../ui/States.tsx";
import { useSourceName } from "../ui/useSourceName.ts";
import { FactsView, NamedValue } from "../ui/ValueView.tsx";
import { byDay } from "./byDay.ts";
import { nameOfEvent, tellingOf } from "./telling.ts";

export function Timeline({ id }: { id: string }) {
  const { t, format } = useSpeech();
  const timeline = useInfiniteQuery(timelineQuery(id));
  if (timeline.isPending) return <Waiting lines={8} tall />;
  if (timeline.isError && !timeline.data) return <Failed error={timeline.error} retry={() => void timeline.refetch()} />;
  const events = timeline.data.pages.flatMap((page) => page.events);
  if (!events.length) return <Empty title={t.timeline.empty} hint={t.timeline.emptyHint} />;
  return (
    <>
      {byDay(events, format.dayKey).map((day) => (
        <section key={day.key} className="day" aria-labelledby={`day-${day.key}`}>
          <h2 id={`day-${day.key}`} className="day-title">
            {format.day(day.first)}
          </h2>
          <ol className="day-events">
            {day.events.map((event) => (
              <EventItem key={event.offset} event={event} />
            ))}
          </ol>
        </section>
      ))}
      {timeline.hasNextPage ? (
        <button type="button" className="button more" disabled={timeline.isFetchingNextPage} onClick={() => void timeline.fetchNextPage()}>
          {timeline.isFetchingNextPage ? t.states.loading : t.timeline.earlier}
        </button>
      ) : (
        <p className="timeline-end">{t.timeline.end}</p>
      )}
    </>
  );
}

function EventItem({ event }: { event: TimelineEvent }) {
  const { t, format, name: term } = useSpeech();
  const sourceName = useSourceName();
  const said = nameOfEvent(event, (known) => term(EVENTS, known));
  const summary = tellingOf(event.summary);
  return (
    <li className="event">
      <time className="event-time" dateTime={new Date(event.time).toISOString()}>
        {format.time(event.time)}
      </time>
      <span className="event-dot" aria-hidden="true" />
      <div className="event-body">
        <p className="event-head">
          <span className="event-name">{said}</span>
          {event.simulated ? <Simulated what={t.simulated.event} /> : null}
          <span className="event-source">{term(CHANNELS, event.channel)}</span>
        </p>
        {summary.length ? (
          <dl className="event-summary">
            {summary.map(([name, value]) => (
              <div key={name}>
                <dt title={name}>{term(FIELDS, name)}</dt>
                <dd>
                  <NamedValue of={name} value={value} />
                </dd>
              </div>
            ))}
          </dl>
        ) : null}
        <details className="event-details">
          <summary>
            {t.timeline.details}
            <span className="visually-hidden">
              : {said} {format.time(event.time)}
            </span>
          </summary>
          <FactsView facts={{ ...event.properties, ...event.traits }} />
          <p className="event-raw">
            <code>{event.name}</code> · <code>{event.type}</code> · {t.timeline.via(sourceName(event.source))}
          </p>
        </details>
      </div>
    </li>
  );
}
