import { Link } from "@tanstack/react-router";
import type { Instant, Person } from "../api/types.ts";
import { useSpeech } from "../i18n/language.tsx";
import { CopyButton } from "../ui/CopyButton.tsx";
import { Grain } from "../ui/Grain.tsx";
import { Simulated } from "../ui/Simulated.tsx";
import { Moment } from "./Moment.tsx";

export function ProfileHead({ person, name }: { person: Person; name: string }) {
  const { t, format, label } = useSpeech();
  const first = person.identifiers[0];
  const kicker = first && first.value === name ? label(first.label, first.type) : null;
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
        {person.groups.map((group) => (
          <div key={group.kind}>
            <dt>{label(group.label, group.kind)}</dt>
            <dd>
              <Link
                to="/identity/groups"
                search={(now) => ({ lang: now.lang, kind: group.kind, group: group.id })}
                className="text-link"
                title={group.value}
              >
                {t.groups.people(format.number(group.people))}
              </Link>
            </dd>
          </div>
        ))}
      </dl>
      <Moment id={person.id} />
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
  return (
    <p className="person-id">
      <span className="visually-hidden">{t.profile.id} </span>
      <code>{id}</code>
      <CopyButton text={id} what={t.profile.copy} />
      <Link to="/live" search={(now) => ({ lang: now.lang, person: id })} className="quiet is-link">
        {t.profile.live}
      </Link>
    </p>
  );
}
