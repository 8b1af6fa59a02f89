import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { GroupKind, GroupLine } from "../api/groups.ts";
import { groupKindsQuery, groupsQuery } from "../api/queries.ts";
import { useSpeech } from "../i18n/language.tsx";
import { ChoiceLine } from "../ui/ChoiceLine.tsx";
import { NextPage } from "../ui/NextPage.tsx";
import { Empty, Failed, Waiting } from "../ui/States.tsx";
import { usePageTitle } from "../ui/usePageTitle.ts";
import { GroupDetail } from "./GroupDetail.tsx";

/** People in groups (households, accounts): the groups of a kind or of an audience, and one of them. */
export function Groups() {
  const { t } = useSpeech();
  usePageTitle(`${t.nav.identity} – ${t.queues.groups}`);
  const kinds = useQuery(groupKindsQuery);
  const search = useSearch({ from: "/identity/groups" });
  if (kinds.isPending) return <Waiting lines={6} tall />;
  if (kinds.isError && !kinds.data) return <Failed error={kinds.error} retry={() => void kinds.refetch()} />;
  const kind = kinds.data.find((one) => one.name === search.kind) ?? kinds.data[0];
  if (!kind) return <Empty title={t.groups.noKinds} hint={t.groups.noKindsHint} />;
  return (
    <div className={search.group ? "data-columns has-choice" : "data-columns"}>
      <section className="letters" aria-label={t.queues.groups}>
        <Filters kinds={kinds.data} kind={kind} among={search.among ?? ""} />
        <Found kind={kind} among={search.among ?? ""} chosen={search.group} />
      </section>
      {search.group ? (
        <GroupDetail key={search.group} kind={kind} id={search.group} />
      ) : (
        <p className="data-detail part-note letters-hint">{t.groups.choose}</p>
      )}
    </div>
  );
}

function Filters({ kinds, kind, among }: { kinds: readonly GroupKind[]; kind: GroupKind; among: string }) {
  const { t, format, label } = useSpeech();
  const navigate = useNavigate();
  const go = (change: { kind?: string; among?: string | undefined }) =>
    void navigate({
      to: "/identity/groups",
      search: (now) => ({ ...now, ...change, group: undefined }),
      replace: true,
      resetScroll: false,
    });
  const about = label(kind.audiences.find((one) => one.name === among)?.sentence ?? kind.description, "");
  return (
    <div className="group-filters">
      <div className="part-tools">
        <label className="visually-hidden" htmlFor="group-kind">
          {t.groups.kind}
        </label>
        <select
          id="group-kind"
          className="select"
          value={kind.name}
          onChange={(event) => go({ kind: event.target.value, among: undefined })}
        >
          {kinds.map((one) => (
            <option key={one.name} value={one.name}>
              {`${label(one.label, one.name)} (${format.number(one.size)})`}
            </option>
          ))}
        </select>
        <label className="visually-hidden" htmlFor="group-among">
          {t.groups.among}
        </label>
        <select id="group-among" className="select" value={among} onChange={(event) => go({ among: event.target.value || undefined })}>
          <option value="">{t.groups.all}</option>
          {kind.audiences.map((one) => (
            <option key={one.name} value={one.name}>
              {`${label(one.label, one.name)} (${format.number(one.size)})`}
            </option>
          ))}
        </select>
      </div>
      {about ? <p className="part-note">{about}</p> : null}
    </div>
  );
}

function Found({ kind, among, chosen }: { kind: GroupKind; among: string; chosen: string | undefined }) {
  const { t } = useSpeech();
  const found = useInfiniteQuery(groupsQuery(kind.name, among));
  if (found.isPending) return <Waiting lines={6} tall />;
  if (found.isError && !found.data) return <Failed error={found.error} retry={() => void found.refetch()} />;
  const groups = found.data.pages.flatMap((page) => page.groups);
  if (!groups.length) return <Empty title={t.groups.none} hint={t.groups.noneHint} />;
  return (
    <>
      <ul className={found.isPlaceholderData ? "choices is-old" : "choices"}>
        {groups.map((group) => (
          <li key={group.id}>
            <GroupChoice group={group} kind={kind} here={group.id === chosen} />
          </li>
        ))}
      </ul>
      <NextPage of={found} />
    </>
  );
}

function GroupChoice({ group, kind, here }: { group: GroupLine; kind: GroupKind; here: boolean }) {
  const { t, format, label } = useSpeech();
  const named = new Map(kind.audiences.map((one) => [one.name, label(one.label, one.name)]));
  return (
    <ChoiceLine
      to="/identity/groups"
      search={(now) => ({ ...now, kind: kind.name, group: group.id })}
      here={here}
      activeProps={{}}
      resetScroll={false}
      head={group.value}
      tag={t.groups.people(format.number(group.people))}
      under={group.crowded ? t.groups.crowded : format.list(group.audiences.map((one) => named.get(one) ?? one))}
    />
  );
}
