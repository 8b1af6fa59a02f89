import { useQuery } from "@tanstack/react-query";
import { Link, Outlet } from "@tanstack/react-router";
import { overviewQuery } from "../api/queries.ts";
import { useSpeech } from "../i18n/language.tsx";
import "./data.css";

const PARTS = [
  { to: "/data/sources", name: "sources" },
  { to: "/data/rejected", name: "rejected" },
  { to: "/data/plan", name: "plan" },
] as const;

/** Where events come from, which were rejected, which break the tracking plan. */
export function DataPage() {
  const { t, format } = useSpeech();
  const waiting = useQuery(overviewQuery).data?.events.rejected ?? 0;
  return (
    <div className="page data">
      <header className="page-head">
        <h1 className="page-title">{t.nav.data}</h1>
      </header>
      <nav className="views" aria-label={t.data.parts}>
        {PARTS.map(({ to, name }) => (
          <Link key={to} to={to} className="view-link" activeProps={{ className: "is-here" }} activeOptions={{ includeSearch: false }}>
            {t.data[name]}
            {name === "rejected" && waiting ? <span className="view-count">{format.number(waiting)}</span> : null}
          </Link>
        ))}
      </nav>
      <Outlet />
    </div>
  );
}
