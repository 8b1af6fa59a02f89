import { Link } from "@tanstack/react-router";
import { memo, type ReactNode, useState } from "react";
import type { LiveItem } from "../api/running.ts";
import type { Reason, Text } from "../api/types.ts";
import { useSpeech } from "../i18n/language.tsx";
import { CHANNELS, EVENTS, FIELDS } from "../i18n/terms.ts";
import { ReasonText } from "../profile/ReasonText.tsx";
import { nameOfEvent, tellingOf } from "../profile/telling.ts";
import { Grain } from "../ui/Grain.tsx";
import { Simulated } from "../ui/Simulated.tsx";
import { useNames } from "../ui/useNames.ts";
import { NamedValue } from "../ui/ValueView.tsx";
import type { Gap } from "./feed.ts";

/** States in which nothing reached the person. */
const NOT_REACHED = new Set(["bounced", "complained", "failed", "unknown", "refused", "too_late"]);

/** How many values of an event stand in its row. */
const VALUES = 3;

/** One thing that happened: when, what kind, to whom, what. `arriving`: whether it comes while one looks. */
export const LiveRow = memo(function LiveRow({ item, day, arriving }: { item: LiveItem; day: string | null; arriving: boolean }) {
  const { t, format } = useSpeech();
  const [arrived] = useState(arriving);
  return (
    <li className={arrived ? "live-row is-new" : "live-row"} data-kind={item.kind}>
      <time className="live-time" dateTime={new Date(item.at).toISOString()} title={format.dateTime(item.at)}>
        {day ? <span className="live-day">{day}</span> : null}
        {format.clock(item.at)}
      </time>
      <span className="live-kind">
        <span className={`kind-dot is-${item.kind}`} aria-hidden="true" />
        {t.live.kinds[item.kind]}
      </span>
      <Who item={item} />
      <div className="live-what">
        <What item={item} />
        {item.simulated ? <Simulated what={t.simulated.event} /> : null}
      </div>
    </li>
  );
});

function Who({ item }: { item: LiveItem }) {
  const { t } = useSpeech();
  if (!item.person) return <span className="live-who is-nobody">{item.rejected?.source ?? ""}</span>;
  return (
    <Link to="/people/$id" params={{ id: item.person.id }} className="live-who" preload={false}>
      <Grain id={item.person.id} size={22} />
      <span className="live-name">{item.person.name || t.people.unnamed}</span>
    </Link>
  );
}

function What({ item }: { item: LiveItem }) {
  switch (item.kind) {
    case "event":
      return item.event ? <Happened event={item.event} /> : null;
    case "audience":
      return item.audience ? <Moved audience={item.audience} /> : null;
    case "stage":
      return item.stage ? <Stepped stage={item.stage} /> : null;
    case "decision":
      return item.decision ? <Decided decision={item.decision} person={item.person?.id ?? null} /> : null;
    case "message":
      return item.message ? <Sent sent={item.message} by={item.message.journey} /> : null;
    case "delivery":
      return item.delivery ? <Sent sent={item.delivery} by="" /> : null;
    case "identity":
      return item.identity ? <Known identity={item.identity} /> : null;
    case "rejected":
      return item.rejected ? <Rejected rejected={item.rejected} /> : null;
  }
}

type Part<Key extends keyof LiveItem> = NonNullable<LiveItem[Key]>;

function Happened({ event }: { event: Part<"event"> }) {
  const { label, name } = useSpeech();
  const values = tellingOf(event.summary).slice(0, VALUES);
  // A definition without words of its own repeats the event's name.
  const named = event.type === "track" && Object.values(event.label).some((said) => said && said !== event.name);
  return (
    <>
      <strong>{named ? label(event.label, event.name) : nameOfEvent(event, (known) => name(EVENTS, known))}</strong>
      {values.map(([field, value]) => (
        <span key={field} className="live-value">
          <span className="live-field">{name(FIELDS, field)}</span> <NamedValue of={field} value={value} />
        </span>
      ))}
      <Note>{label(event.source_label, event.source)}</Note>
    </>
  );
}

function Moved({ audience }: { audience: Part<"audience"> }) {
  const { t, label } = useSpeech();
  return (
    <>
      <span className={audience.entered ? "verdict is-true" : "verdict is-false"}>{audience.entered ? t.live.entered : t.live.left}</span>
      <Link to="/people" search={(now) => ({ lang: now.lang, audience: audience.name })} className="row-link">
        {label(audience.label, audience.name)}
      </Link>
    </>
  );
}

function Stepped({ stage }: { stage: Part<"stage"> }) {
  const { t, label } = useSpeech();
  const said = (one: { name: string; label: Text } | null) => (one ? label(one.label, one.name) : t.stages.none);
  return (
    <>
      <span className="live-before">{said(stage.before)}</span>
      <span aria-hidden="true">→</span>
      <span className="visually-hidden">{t.live.becomes}</span>
      <strong>{said(stage.after)}</strong>
    </>
  );
}

function Decided({ decision, person }: { decision: Part<"decision">; person: string | null }) {
  const { t, format, label } = useSpeech();
  const chosen = decision.chosen === null ? t.decisions.nothing : label(decision.chosen_label, decision.chosen);
  return (
    <>
      {person ? (
        <Link
          to="/people/$id"
          params={{ id: person }}
          search={{ view: "decisions", decision: decision.id }}
          className="row-link"
          preload={false}
        >
          <strong>{chosen}</strong>
        </Link>
      ) : (
        <strong>{chosen}</strong>
      )}
      {decision.fallback ? <span className="tag">{t.decisions.fallback}</span> : null}
      {decision.holdout ? <span className="tag">{t.decisions.holdout}</span> : null}
      <Because reason={decision.reason} />
      <Note>
        {[
          label(decision.placement_label, decision.placement),
          decision.refused ? t.live.refusedCount(format.number(decision.refused)) : "",
          decision.ms === null ? "" : format.unit(decision.ms, "millisecond", 1),
        ]
          .filter(Boolean)
          .join(" · ")}
      </Note>
    </>
  );
}

function Sent({ sent, by }: { sent: Part<"delivery">; by: string }) {
  const { t, name } = useSpeech();
  const { nameOf } = useNames();
  return (
    <>
      <span className={NOT_REACHED.has(sent.state) ? "gate" : "verdict is-true"}>{t.decisions.states[sent.state] ?? sent.state}</span>
      <span>{name(CHANNELS, sent.channel)}</span>
      <Because reason={sent.reason} />
      {by ? <Note code={by}>{nameOf("journeys", by)}</Note> : null}
    </>
  );
}

function Known({ identity }: { identity: Part<"identity"> }) {
  const { t, format } = useSpeech();
  return (
    <>
      <strong>{identity.what === "joined" ? t.live.joined : t.live.split}</strong>
      {identity.people.length > 1 ? <Note>{t.people.count(format.number(identity.people.length))}</Note> : null}
    </>
  );
}

function Rejected({ rejected }: { rejected: Part<"rejected"> }) {
  const { label } = useSpeech();
  return (
    <Link to="/data/rejected" search={(now) => ({ lang: now.lang, letter: rejected.id })} className="row-link">
      {label(rejected.text, rejected.code)}
    </Link>
  );
}

function Because({ reason }: { reason: Reason | null }) {
  return reason ? (
    <span className="live-why">
      <ReasonText reason={reason} />
    </span>
  ) : null;
}

function Note({ children, code }: { children: ReactNode; code?: string }) {
  return (
    <span className="live-note" title={code}>
      {children}
    </span>
  );
}

/** The page was away for too long: this much is not in the list. */
export function GapRow({ gap }: { gap: Gap }) {
  const { t, format } = useSpeech();
  return <li className="live-gap">{gap.missed === null ? t.live.gap : t.live.gapOf(format.number(gap.missed))}</li>;
}
