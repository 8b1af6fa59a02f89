import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { peopleQuery, statusQuery } from "../api/queries.ts";
import { useSpeech } from "../i18n/language.tsx";
import { NextPage } from "../ui/NextPage.tsx";
import { SearchField } from "../ui/SearchField.tsx";
import { Empty, Failed, Waiting } from "../ui/States.tsx";
import { AudienceChoice } from "./AudienceChoice.tsx";
import { PersonLink } from "./PersonLink.tsx";

export function PeopleList({ chosen }: { chosen: string | null }) {
  const { t } = useSpeech();
  const search = useSearch({ strict: false });
  const navigate = useNavigate();
  const set = (change: { q?: string | undefined; audience?: string | undefined }) =>
    void navigate({ to: ".", search: (now) => ({ ...now, ...change }), replace: true, resetScroll: false });
  const Heading = chosen ? "h2" : "h1";
  return (
    <section className="list" aria-labelledby="people-title">
      <div className="list-head">
        <Heading id="people-title" className="list-title">
          {t.people.title}
        </Heading>
        <SearchField
          id="people-search"
          label={t.people.search}
          hint={t.people.searchHint}
          value={search.q ?? ""}
          onChange={(q) => set({ q: q || undefined })}
        />
        <AudienceChoice value={search.audience ?? ""} onChange={(audience) => set({ audience: audience || undefined })} />
      </div>
      <Found query={search.q ?? ""} audience={search.audience ?? ""} chosen={chosen} />
    </section>
  );
}

function Found({ query, audience, chosen }: { query: string; audience: string; chosen: string | null }) {
  const { t, format } = useSpeech();
  const found = useInfiniteQuery(peopleQuery(query, audience));
  const status = useQuery(statusQuery).data;
  if (found.isPending) return <Waiting lines={8} tall />;
  if (found.isError && !found.data) return <Failed error={found.error} retry={() => void found.refetch()} />;
  const people = found.data.pages.flatMap((page) => page.people);
  const total = found.data.pages[0]?.total;
  if (!people.length) return query || audience ? <NobodyMatches /> : <Empty title={t.people.empty} hint={t.people.emptyHint} />;
  return (
    <>
      <p className="list-count" role="status">
        {total !== undefined && total !== null ? t.people.count(format.number(total)) : t.people.shown(format.number(people.length))}
      </p>
      <ul className={found.isPlaceholderData ? "people is-old" : "people"} aria-label={t.people.list}>
        {people.map((person) => (
          <li key={person.id}>
            <PersonLink person={person} here={person.id === chosen} now={status?.engine_now ?? null} />
          </li>
        ))}
      </ul>
      <NextPage of={found} />
    </>
  );
}

function NobodyMatches() {
  const { t } = useSpeech();
  return (
    <Empty title={t.people.none} hint={t.people.noneHint}>
      <Link to="." search={(now) => ({ ...now, q: undefined, audience: undefined })} className="button">
        {t.people.clear}
      </Link>
    </Empty>
  );
}
