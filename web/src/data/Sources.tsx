import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { sourcesQuery } from "../api/queries.ts";
import type { SourceState, SourcesAnswer } from "../api/running.ts";
import { BarList } from "../charts/BarList.tsx";
import { useSpeech } from "../i18n/language.tsx";
import { CopyButton } from "../ui/CopyButton.tsx";
import { Headline } from "../ui/Headline.tsx";
import { Empty, Failed, Waiting } from "../ui/States.tsx";
import { usePageTitle } from "../ui/usePageTitle.ts";
import { Setup } from "./Setup.tsx";

/** Where events come from: each source with its verdicts, and how to send to it. */
export function Sources() {
  const { t } = useSpeech();
  usePageTitle(`${t.nav.data} – ${t.data.sources}`);
  const sources = useQuery(sourcesQuery);
  const search = useSearch({ from: "/data/sources" });
  if (sources.isPending) return <Waiting lines={6} tall />;
  if (sources.isError && !sources.data) return <Failed error={sources.error} retry={() => void sources.refetch()} />;
  const all = sources.data.sources;
  const chosen = all.find((one) => one.name === search.source) ?? all[0];
  if (!chosen) return <Empty title={t.data.noSources} hint={t.data.noSourcesHint} />;
  return (
    <div className="data-columns">
      <ul className="choices" aria-label={t.data.sources}>
        {all.map((one) => (
          <li key={one.name}>
            <SourceChoice source={one} here={one === chosen} />
          </li>
        ))}
      </ul>
      <SourceDetail source={chosen} endpoint={sources.data.endpoint} />
    </div>
  );
}

function SourceChoice({ source, here }: { source: SourceState; here: boolean }) {
  const { t, format, label } = useSpeech();
  return (
    <Link
      to="/data/sources"
      search={(now) => ({ ...now, source: source.name })}
      className={here ? "choice-link is-here" : "choice-link"}
      aria-current={here ? "page" : undefined}
      activeProps={{}}
      resetScroll={false}
    >
      <span className="choice-head">
        <span className={source.last_at === null ? "pulse is-idle" : "pulse"} aria-hidden="true" />
        <span className="choice-name">{label(source.label, source.name)}</span>
        <span className="choice-count">{format.number(source.events)}</span>
      </span>
      <span className="choice-under">
        {t.data.kinds[source.kind]} · {source.last_at === null ? t.data.noEvent : t.data.lastEvent(format.dateTime(source.last_at))}
      </span>
    </Link>
  );
}

function SourceDetail({ source, endpoint }: { source: SourceState; endpoint: SourcesAnswer["endpoint"] }) {
  const { t, format, label } = useSpeech();
  const name = label(source.label, source.name);
  return (
    <section className="data-detail" aria-labelledby="source-title">
      <header className="detail-head">
        <h2 id="source-title" className="detail-title">
          {name}
        </h2>
        <span className="tag">{t.data.kinds[source.kind]}</span>
        {source.enabled ? null : <span className="gate">{t.data.off}</span>}
        <Link to="/live" search={(now) => ({ lang: now.lang, source: source.name })} className="quiet is-link">
          {t.watch.toLive}
        </Link>
      </header>
      <p className="part-note">{source.kind === "client" ? t.data.clientHint : t.data.serverHint}</p>
      <dl className="figures-list is-compact">
        <Headline name={t.watch.accepted} value={format.number(source.verdicts.accepted)} />
        <Headline name={t.data.duplicate} value={format.number(source.verdicts.duplicate)} note={t.data.sinceStart} />
        <Headline
          name={t.watch.rejected}
          value={format.number(source.verdicts.rejected)}
          alarming={source.verdicts.rejected > 0}
          note={
            source.verdicts.rejected ? (
              <Link to="/data/rejected" search={(now) => ({ lang: now.lang, source: source.name })} className="text-link">
                {t.watch.correct}
              </Link>
            ) : null
          }
        />
      </dl>
      {source.rejected.length ? (
        <>
          <h3 className="part-title">{t.data.rejectedWhy}</h3>
          <BarList
            tone="tone-no"
            bars={source.rejected.map((one) => ({
              key: one.code,
              count: one.count,
              name: (
                <Link to="/data/rejected" search={(now) => ({ lang: now.lang, source: source.name, code: one.code })} className="row-link">
                  {label(one.label, one.code)}
                </Link>
              ),
              note: one.last_at === null ? undefined : format.dateTime(one.last_at),
            }))}
          />
        </>
      ) : null}
      <dl className="keys">
        <Key name={t.data.endpoint} value={endpoint.url} />
        <Key name={t.data.writeKey} value={source.write_key} />
        {source.origins.length ? (
          <div className="key">
            <dt>{t.data.origins}</dt>
            <dd>
              <code>{source.origins.join(", ")}</code>
            </dd>
          </div>
        ) : null}
      </dl>
      <Setup source={source} url={endpoint.url} />
    </section>
  );
}

function Key({ name, value }: { name: string; value: string }) {
  const { t } = useSpeech();
  return (
    <div className="key">
      <dt>{name}</dt>
      <dd>
        <code>{value}</code>
        <CopyButton text={value} what={t.copy.of(name)} />
      </dd>
    </div>
  );
}
