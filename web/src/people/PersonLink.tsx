import { Link } from "@tanstack/react-router";
import type { Instant, PersonRow } from "../api/types.ts";
import { useSpeech } from "../i18n/language.tsx";
import { Grain } from "../ui/Grain.tsx";

export function PersonLink({ person, here, now }: { person: PersonRow; here: boolean; now: Instant | null }) {
  const { t, format, label } = useSpeech();
  const first = person.identifiers[0];
  const stage = person.stage;
  const seen = person.last_seen === null ? t.people.never : now === null ? null : t.people.seen(format.relative(person.last_seen, now));
  const type = first ? label(first.label, first.type) : null;
  const under = first && person.name && first.value !== person.name ? `${type} ${first.value}` : type;
  return (
    <Link
      to="/people/$id"
      params={{ id: person.id }}
      search={(before) => ({ ...before, decision: undefined })}
      className={here ? "person is-here" : "person"}
      aria-current={here ? "page" : undefined}
      activeProps={{}}
      resetScroll={false}
    >
      <Grain id={person.id} size={40} />
      <span className="person-text">
        <span className="person-name">
          <span className="person-name-text">{person.name || t.people.unnamed}</span>
        </span>
        <span className="person-under">{[under, seen].filter(Boolean).join(" · ")}</span>
      </span>
      <span className="person-end">
        {stage ? <span className="stage-tag">{label(stage.label, stage.name)}</span> : null}
        {person.audiences.length ? (
          <span className="person-count">{t.people.inAudiences(format.number(person.audiences.length))}</span>
        ) : null}
      </span>
    </Link>
  );
}
