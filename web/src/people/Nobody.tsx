import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { audiencesQuery, statusQuery } from "../api/queries.ts";
import type { AudienceSummary } from "../api/types.ts";
import { useSpeech } from "../i18n/language.tsx";
import { Empty, Failed, Waiting } from "../ui/States.tsx";
import { usePageTitle } from "../ui/usePageTitle.ts";

/** What stands beside the list while nobody is chosen: the audiences, what they mean, and how many are in them. */
export function Nobody() {
  const { t } = useSpeech();
  usePageTitle(t.people.title);
  const audiences = useQuery(audiencesQuery);
  const people = useQuery(statusQuery).data?.people ?? 0;
  return (
    <div className="overview">
      <header>
        <h2 className="figure-title">{t.audiences.title}</h2>
        <p className="part-note is-under">{people > 0 ? t.people.choose : t.people.emptyHint}</p>
      </header>
      {audiences.isPending ? <Waiting lines={6} /> : null}
      {audiences.isError && !audiences.data ? <Failed error={audiences.error} retry={() => void audiences.refetch()} /> : null}
      {audiences.data?.length === 0 ? <Empty title={t.audiences.empty} hint={t.audiences.emptyHint} /> : null}
      {audiences.data?.length ? <AudienceRows audiences={audiences.data} people={people} /> : null}
    </div>
  );
}

function AudienceRows({ audiences, people }: { audiences: readonly AudienceSummary[]; people: number }) {
  const { t, format, label } = useSpeech();
  const { audience } = useSearch({ strict: false });
  return (
    <ul className="audience-rows">
      {audiences
        .toSorted((a, b) => b.size - a.size)
        .map((one) => (
          <li key={one.name}>
            <Link
              to="/people"
              search={(now) => ({ ...now, audience: one.name === audience ? undefined : one.name })}
              className={one.name === audience ? "audience-row is-here" : "audience-row"}
              aria-current={one.name === audience ? "true" : undefined}
              activeProps={{}}
              resetScroll={false}
            >
              <span className="audience-name">{label(one.label, one.name)}</span>
              <span className="audience-size">
                {format.number(one.size)}
                <small>{people ? format.share(one.size / people) : ""}</small>
              </span>
              <svg className="audience-bar" height="4" aria-hidden="true" focusable="false">
                <rect width="100%" height="4" rx="2" className="bar-ground" />
                <rect width={`${people ? (one.size / people) * 100 : 0}%`} height="4" rx="2" className="bar" />
              </svg>
              <span className="audience-sentence">{label(one.sentence, one.condition)}</span>
              <span className="visually-hidden">{t.audiences.show}</span>
            </Link>
          </li>
        ))}
    </ul>
  );
}
