import { useQuery } from "@tanstack/react-query";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { ApiError } from "../api/client.ts";
import { personQuery } from "../api/queries.ts";
import type { Person } from "../api/types.ts";
import { VIEWS, type View } from "../app/search.ts";
import { useSpeech } from "../i18n/language.tsx";
import { Empty, Failed, Waiting } from "../ui/States.tsx";
import { usePageTitle } from "../ui/usePageTitle.ts";
import { Audiences } from "./Audiences.tsx";
import { Decisions } from "./Decisions.tsx";
import { ProfileHead } from "./ProfileHead.tsx";
import { Timeline } from "./Timeline.tsx";
import { Traits } from "./Traits.tsx";

const IdentityTab = lazy(async () => ({ default: (await import("../identity/IdentityTab.tsx")).IdentityTab }));

export function Profile() {
  const { t } = useSpeech();
  const { id } = useParams({ from: "/people/$id" });
  const person = useQuery(personQuery(id));
  return (
    <article className="profile">
      <Link
        to="/people"
        search={(now) => ({ ...now, view: undefined, decision: undefined, mark: undefined, proofs: undefined })}
        className="back"
      >
        <span aria-hidden="true">←</span> {t.profile.back}
      </Link>
      {person.isPending ? <Waiting lines={7} tall /> : null}
      {person.isError && !person.data ? <Missing error={person.error} retry={() => void person.refetch()} /> : null}
      {person.data ? <Known person={person.data} /> : null}
    </article>
  );
}

function Missing({ error, retry }: { error: Error; retry: () => void }) {
  const { t } = useSpeech();
  if (error instanceof ApiError && error.status === 404) return <Empty title={t.profile.gone} hint={t.profile.goneHint} main />;
  return <Failed error={error} retry={retry} />;
}

function Known({ person }: { person: Person }) {
  const { t } = useSpeech();
  const { view = "timeline" } = useSearch({ from: "/people/$id" });
  const name = person.name ?? person.identifiers[0]?.value ?? t.people.unnamed;
  usePageTitle(`${name} – ${t.profile.tabs[view]}`);
  return (
    <>
      <ProfileHead person={person} name={name} />
      <ViewLinks person={person} view={view} />
      <section className="view" aria-label={t.profile.tabs[view]}>
        <ViewBody person={person} view={view} />
      </section>
    </>
  );
}

function ViewLinks({ person, view }: { person: Person; view: View }) {
  const { t, format } = useSpeech();
  const counts: Partial<Record<View, number>> = {
    traits: person.traits.length,
    audiences: person.audiences.filter((one) => one.member).length,
    identities: person.identifiers.length,
  };
  return (
    <nav className="views" aria-label={t.profile.sections}>
      {VIEWS.map((one) => (
        <Link
          key={one}
          to="/people/$id"
          params={{ id: person.id }}
          search={(now) => ({
            ...now,
            view: one === "timeline" ? undefined : one,
            decision: undefined,
            mark: undefined,
            proofs: undefined,
          })}
          className={one === view ? "view-link is-here" : "view-link"}
          aria-current={one === view ? "page" : undefined}
          activeProps={{}}
          activeOptions={{ exact: true, includeSearch: true }}
          resetScroll={false}
        >
          {t.profile.tabs[one]}
          {counts[one] !== undefined ? <span className="view-count">{format.number(counts[one])}</span> : null}
        </Link>
      ))}
    </nav>
  );
}

function ViewBody({ person, view }: { person: Person; view: View }) {
  switch (view) {
    case "timeline":
      return <Timeline id={person.id} />;
    case "traits":
      return <Traits traits={person.traits} />;
    case "audiences":
      return <Audiences audiences={person.audiences} traits={person.traits} />;
    case "decisions":
      return <Decisions id={person.id} />;
    case "identities":
      return (
        <Suspense fallback={<Waiting lines={6} tall />}>
          <IdentityTab person={person} />
        </Suspense>
      );
  }
}
