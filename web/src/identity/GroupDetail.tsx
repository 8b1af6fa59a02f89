import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ApiError } from "../api/client.ts";
import type { GroupKind } from "../api/groups.ts";
import { groupQuery } from "../api/queries.ts";
import { useSpeech } from "../i18n/language.tsx";
import { Traits } from "../profile/Traits.tsx";
import { Empty, Failed, Waiting } from "../ui/States.tsx";

/** One group: its people, its audiences with what they mean, its traits. */
export function GroupDetail({ kind, id }: { kind: GroupKind; id: string }) {
  const { t, format, label } = useSpeech();
  const found = useQuery(groupQuery(kind.name, id));
  if (found.isPending) return <Waiting lines={6} tall />;
  if (found.error instanceof ApiError && found.error.status === 404) return <Empty title={t.groups.gone} hint={t.groups.goneHint} />;
  if (found.isError && !found.data) return <Failed error={found.error} retry={() => void found.refetch()} />;
  const { group, members, complete } = found.data;
  const audiences = kind.audiences.filter((one) => group.audiences.includes(one.name));
  return (
    <section className="data-detail" aria-label={group.value}>
      <Link to="/identity/groups" search={(now) => ({ ...now, group: undefined })} className="back">
        <span aria-hidden="true">←</span> {t.queues.groups}
      </Link>
      <header className="detail-head">
        <h2 className="detail-title">{group.value}</h2>
        <span className="tag">{label(kind.label, kind.name)}</span>
        <span className="tag">{t.groups.people(format.number(group.people))}</span>
      </header>
      {group.crowded ? <p className="outcome is-bad">{t.groups.crowdedHint}</p> : null}
      {audiences.map((one) => (
        <p key={one.name} className="part-note">
          <strong>{label(one.label, one.name)}</strong> · {label(one.sentence, one.condition)}
        </p>
      ))}
      <h3 className="setup-title">{t.groups.members}</h3>
      <ul className="group-members">
        {members.map((one) => (
          <li key={one.id}>
            <Link to="/people/$id" params={{ id: one.id }} search={(now) => ({ lang: now.lang })} className="text-link">
              {one.name}
            </Link>
          </li>
        ))}
      </ul>
      {complete ? null : <p className="part-note">{t.groups.more}</p>}
      {group.traits.length ? <Traits traits={group.traits} /> : null}
    </section>
  );
}
