import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, Outlet } from "@tanstack/react-router";
import { quarantineQuery, suggestionsQuery } from "../api/queries.ts";
import { useSpeech } from "../i18n/language.tsx";
import "../data/data.css";
import "./identity.css";

const PARTS = [
  { to: "/identity/suggestions", name: "suggestions" },
  { to: "/identity/quarantine", name: "quarantine" },
  { to: "/identity/groups", name: "groups" },
  { to: "/identity/audit", name: "audit" },
] as const;

/** Who is who: people who may be one and evidence that a limit holds back, both waiting for a person; and people in groups. */
export function IdentityPage() {
  const { t, format } = useSpeech();
  const counts: Record<string, number> = {
    suggestions: useInfiniteQuery(suggestionsQuery).data?.pages[0]?.total ?? 0,
    quarantine: useInfiniteQuery(quarantineQuery).data?.pages[0]?.total ?? 0,
  };
  return (
    <div className="page data">
      <header className="page-head">
        <h1 className="page-title">{t.nav.identity}</h1>
      </header>
      <nav className="views" aria-label={t.queues.label}>
        {PARTS.map(({ to, name }) => (
          <Link key={to} to={to} className="view-link" activeProps={{ className: "is-here" }} activeOptions={{ includeSearch: false }}>
            {t.queues[name]}
            {counts[name] ? <span className="view-count">{format.number(counts[name])}</span> : null}
          </Link>
        ))}
      </nav>
      <Outlet />
    </div>
  );
}
