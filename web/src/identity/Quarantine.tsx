import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import type { HeldEvidence } from "../api/identity.ts";
import { quarantineQuery } from "../api/queries.ts";
import { useSpeech } from "../i18n/language.tsx";
import { ChoiceLine } from "../ui/ChoiceLine.tsx";
import { NextPage } from "../ui/NextPage.tsx";
import { Empty, Failed, Waiting } from "../ui/States.tsx";
import { usePageTitle } from "../ui/usePageTitle.ts";
import { useSourceName } from "../ui/useSourceName.ts";
import { PairButton } from "./Acts.tsx";
import { HeldText } from "./HeldText.tsx";

/** Evidence that a limit holds back, of everybody: why, whom it concerns, and the two ways to judge it. */
export function Quarantine() {
  const { t } = useSpeech();
  usePageTitle(`${t.nav.identity} – ${t.queues.quarantine}`);
  const found = useInfiniteQuery(quarantineQuery);
  const { held: chosen } = useSearch({ from: "/identity/quarantine" });
  if (found.isPending) return <Waiting lines={6} tall />;
  if (found.isError && !found.data) return <Failed error={found.error} retry={() => void found.refetch()} />;
  const listed = found.data.pages.flatMap((one) => one.quarantined);
  if (!listed.length && !chosen) return <Empty title={t.queues.noHeld} hint={t.queues.noHeldHint} />;
  const held = listed.find((one) => one.id === chosen);
  return (
    <div className={chosen ? "data-columns has-choice" : "data-columns"}>
      <section className="letters" aria-label={t.queues.list}>
        <ul className="choices">
          {listed.map((one) => (
            <li key={one.id}>
              <Choice of={one} here={one.id === chosen} />
            </li>
          ))}
        </ul>
        <NextPage of={found} />
      </section>
      {held ? (
        <Detail key={held.id} of={held} />
      ) : chosen ? (
        <Empty title={t.queues.gone} hint={t.queues.goneHint} />
      ) : (
        <p className="data-detail part-note letters-hint">{t.queues.chooseHeld}</p>
      )}
    </div>
  );
}

function Choice({ of, here }: { of: HeldEvidence; here: boolean }) {
  const { t, format } = useSpeech();
  return (
    <ChoiceLine
      to="/identity/quarantine"
      search={(now) => ({ ...now, held: of.id })}
      here={here}
      activeProps={{}}
      resetScroll={false}
      head={t.queues.two(of.a.value, of.b.value)}
      under={[format.list(of.people.map((one) => one.name)), t.queues.since(format.dateTime(of.since))].join(" · ")}
    />
  );
}

function Detail({ of }: { of: HeldEvidence }) {
  const { t, format, label } = useSpeech();
  const sourceName = useSourceName();
  const facts = [
    of.limit === null ? null : t.queues.fanOut(format.number(of.fan_out), format.number(of.limit)),
    of.values.length ? format.list(of.values) : null,
  ];
  const said = [
    sourceName(of.source),
    t.identities.trust[of.trust] ?? of.trust,
    t.identities.kinds[of.kind] ?? of.kind,
    t.identities.times(format.number(of.count)),
    t.queues.since(format.dateTime(of.since)),
  ];
  return (
    <section className="data-detail" aria-label={t.queues.two(of.a.value, of.b.value)}>
      <Link to="/identity/quarantine" search={(now) => ({ ...now, held: undefined })} className="back">
        <span aria-hidden="true">←</span> {t.queues.list}
      </Link>
      <header className="detail-head">
        <h2 className="detail-title">{t.queues.two(of.a.value, of.b.value)}</h2>
      </header>
      <p className="proof-reason">
        <HeldText reason={of.reason} type={of.type} limit={of.limit} />
      </p>
      {facts.some(Boolean) ? <p className="part-note">{facts.filter(Boolean).join(": ")}</p> : null}
      <dl className="keys">
        <div className="key">
          <dt>{t.queues.said}</dt>
          <dd>{said.filter(Boolean).join(" · ")}</dd>
        </div>
      </dl>
      <h3 className="setup-title">{t.queues.concerned}</h3>
      <ul className="two">
        {of.people.map((one) => (
          <li key={one.id} className="identifier">
            <Link to="/people/$id" params={{ id: one.id }} search={(now) => ({ lang: now.lang, view: "identities" })} className="text-link">
              {one.name}
            </Link>
            {one.identifiers.map((identifier) => (
              <span key={identifier.id ?? identifier.value} className="two-line">
                <span className="identifier-type">{label(identifier.label, identifier.type)}</span>
                <code className="identifier-value">{identifier.value}</code>
              </span>
            ))}
          </li>
        ))}
      </ul>
      <p className="judge-tools">
        <PairButton kind="release" a={of.a} b={of.b} main />
        <PairButton kind="confirm" a={of.a} b={of.b} main />
      </p>
    </section>
  );
}
