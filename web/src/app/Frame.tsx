import { useQuery } from "@tanstack/react-query";
import { Link, Outlet } from "@tanstack/react-router";
import { ApiError } from "../api/client.ts";
import { statusQuery } from "../api/queries.ts";
import type { Status } from "../api/types.ts";
import { SpeechProvider, useSpeech } from "../i18n/language.tsx";
import { Wordmark } from "../ui/Grain.tsx";
import { SimulatedBanner } from "../ui/Simulated.tsx";
import { Forbidden } from "../ui/States.tsx";
import { LanguageSwitch } from "./LanguageSwitch.tsx";

const DEFAULT_ZONE = "Asia/Seoul";

/** The screens, in the order of their links. */
const PAGES = [
  { to: "/", name: "overview" },
  { to: "/live", name: "live" },
  { to: "/people", name: "people" },
  { to: "/measure", name: "measure" },
  { to: "/content", name: "content" },
  { to: "/identity", name: "identity" },
  { to: "/data", name: "data" },
] as const;

export function Frame() {
  const status = useQuery(statusQuery);
  const closed = status.error instanceof ApiError && status.error.forbidden;
  return (
    <SpeechProvider zone={status.data?.zone ?? DEFAULT_ZONE}>
      <SkipLink />
      <TopBar status={closed ? undefined : status.data} failing={status.isError} />
      {!closed && status.data?.simulated ? <SimulatedBanner note={status.data.simulated_note} /> : null}
      <main id="content" tabIndex={-1}>
        {closed ? <Forbidden /> : <Outlet />}
      </main>
    </SpeechProvider>
  );
}

function SkipLink() {
  const { t } = useSpeech();
  return (
    <a className="skip" href="#content">
      {t.skip}
    </a>
  );
}

function TopBar({ status, failing }: { status: Status | undefined; failing: boolean }) {
  const { t, label } = useSpeech();
  return (
    <header className="top">
      <Link to="/" className="brand" activeProps={{}}>
        <Wordmark />
        <span className="brand-name">{t.title}</span>
      </Link>
      {status ? <span className="workspace">{label(status.label, status.workspace)}</span> : null}
      <nav aria-label={t.nav.label} className="nav">
        {PAGES.map(({ to, name }) => (
          <Link
            key={to}
            to={to}
            className="nav-link"
            activeProps={{ className: "is-here" }}
            activeOptions={{ exact: to === "/", includeSearch: false }}
          >
            {t.nav[name]}
          </Link>
        ))}
      </nav>
      <div className="top-end">
        {status ? <EngineClock status={status} failing={failing} /> : null}
        <LanguageSwitch />
      </div>
    </header>
  );
}

/** The instant up to which everything on the page is true, and whether the log waits to be folded. */
function EngineClock({ status, failing }: { status: Status; failing: boolean }) {
  const { t, format } = useSpeech();
  const kind = status.clock === "data" ? t.clock.data : t.clock.wall;
  const behind = status.backlog > 0 ? t.clock.backlog(format.number(status.backlog)) : t.clock.upToDate;
  return (
    <p className="clock">
      <span className={failing ? "pulse is-failing" : status.backlog > 0 ? "pulse is-behind" : "pulse"} aria-hidden="true" />
      <span className="visually-hidden">{t.clock.label} </span>
      {status.engine_now !== null ? (
        <time dateTime={new Date(status.engine_now).toISOString()} title={status.zone}>
          {format.dateTime(status.engine_now)} <span className="clock-zone">{format.zone(status.engine_now)}</span>
        </time>
      ) : null}
      <span className="clock-kind">
        {kind} · {failing ? t.states.stale : behind}
      </span>
    </p>
  );
}
