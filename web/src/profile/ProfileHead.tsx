import { useState } from "react";
import type { Instant, Person } from "../api/types.ts";
import { useSpeech } from "../i18n/language.tsx";
import { FIELDS } from "../i18n/terms.ts";
import { Grain } from "../ui/Grain.tsx";
import { Simulated } from "../ui/Simulated.tsx";
import { NamedValue } from "../ui/ValueView.tsx";

/** How long "Copied" stays, in ms. */
const COPIED_MS = 1_800;

export function ProfileHead({ person, name }: { person: Person; name: string }) {
  const { t, label, name: term } = useSpeech();
  const first = person.identifiers[0];
  const kicker = first && first.value === name ? label(first.label, first.type) : null;
  const moment = Object.entries(person.moment).filter(([, value]) => value !== null);
  return (
    <header className="profile-head">
      <Grain id={person.id} size={76} />
      <div className="profile-who">
        {kicker ? <p className="profile-kicker">{kicker}</p> : null}
        <h1 className="profile-name">
          {name} {person.simulated ? <Simulated what={t.simulated.person} /> : null}
        </h1>
        <PersonId id={person.id} />
      </div>
      <dl className="profile-facts">
        <div>
          <dt>{t.profile.stage}</dt>
          <dd>{person.stage ? label(person.stage.label, person.stage.name) : t.stages.none}</dd>
        </div>
        <Seen name={t.profile.firstSeen} at={person.first_seen} />
        <Seen name={t.profile.lastSeen} at={person.last_seen} />
      </dl>
      {moment.length ? (
        <dl className="moment" aria-label={t.profile.moment}>
          {moment.map(([fact, value]) => (
            <div key={fact} className="moment-fact">
              <dt title={fact}>{term(FIELDS, fact)}</dt>
              <dd>
                <NamedValue of={fact} value={value} />
              </dd>
            </div>
          ))}
        </dl>
      ) : null}
    </header>
  );
}

function Seen({ name, at }: { name: string; at: Instant | null }) {
  const { format } = useSpeech();
  return (
    <div>
      <dt>{name}</dt>
      <dd>{at === null ? "–" : <time dateTime={new Date(at).toISOString()}>{format.dateTime(at)}</time>}</dd>
    </div>
  );
}

function PersonId({ id }: { id: string }) {
  const { t } = useSpeech();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(id);
    setCopied(true);
    window.setTimeout(() => setCopied(false), COPIED_MS);
  };
  return (
    <p className="person-id">
      <span className="visually-hidden">{t.profile.id} </span>
      <code>{id}</code>
      {"clipboard" in navigator ? (
        <button type="button" className="quiet" aria-label={t.profile.copy} onClick={() => void copy()}>
          {copied ? t.profile.copied : <CopyIcon />}
        </button>
      ) : null}
      <span className="visually-hidden" role="status">
        {copied ? t.profile.copied : ""}
      </span>
    </p>
  );
}

function CopyIcon() {
  return (
    <svg width="14" height="14" viewBox="0 0 16 16" className="icon" aria-hidden="true" focusable="false">
      <rect x="5.5" y="5.5" width="8" height="8" rx="1.5" />
      <path d="M10.5 3.5v-.2A1.3 1.3 0 0 0 9.2 2H3.8a1.3 1.3 0 0 0-1.3 1.3v5.9a1.3 1.3 0 0 0 1.3 1.3H4" />
    </svg>
  );
}
