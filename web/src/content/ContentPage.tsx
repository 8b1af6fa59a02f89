import { Link, Outlet } from "@tanstack/react-router";
import { useSpeech } from "../i18n/language.tsx";
import "../data/data.css";
import "../identity/identity.css";
import "./content.css";

const PARTS = [
  { to: "/content/texts", name: "texts" },
  { to: "/content/coverage", name: "coverage" },
  { to: "/content/coupons", name: "coupons" },
] as const;

/** What is said, where nothing is said yet, and the coupons that go with it. */
export function ContentPage() {
  const { t } = useSpeech();
  return (
    <div className="page data">
      <header className="page-head">
        <h1 className="page-title">{t.nav.content}</h1>
      </header>
      <nav className="views" aria-label={t.nav.content}>
        {PARTS.map(({ to, name }) => (
          <Link key={to} to={to} className="view-link" activeProps={{ className: "is-here" }} activeOptions={{ includeSearch: false }}>
            {t.content[name]}
          </Link>
        ))}
      </nav>
      <Outlet />
    </div>
  );
}
