import { Link, useSearch } from "@tanstack/react-router";
import type { SourceState } from "../api/running.ts";
import { useSpeech } from "../i18n/language.tsx";
import { CopyButton } from "../ui/CopyButton.tsx";
import { ScrollBox } from "../ui/ScrollBox.tsx";
import { sdksFor, snippetOf } from "./snippets.ts";

/** How to send to a source, ready to paste. */
export function Setup({ source, url }: { source: SourceState; url: string }) {
  const { t } = useSpeech();
  const search = useSearch({ from: "/data/sources" });
  const sdks = sdksFor(source);
  const sdk = sdks.find((one) => one === search.sdk) ?? sdks[0] ?? "curl";
  const { install, code } = snippetOf(sdk, url, source.write_key);
  return (
    <section className="setup" aria-labelledby="setup-title">
      <h3 id="setup-title" className="setup-title">
        {t.data.setup}
      </h3>
      <nav className="sdks" aria-label={t.data.sdkLabel}>
        {sdks.map((one) => (
          <Link
            key={one}
            to="/data/sources"
            search={(now) => ({ ...now, source: source.name, sdk: one })}
            className={one === sdk ? "sdk is-here" : "sdk"}
            aria-current={one === sdk ? "page" : undefined}
            activeProps={{}}
            resetScroll={false}
            replace
          >
            {t.data.sdks[one]}
          </Link>
        ))}
      </nav>
      {install ? <Code text={install} what={t.data.install} /> : null}
      <Code text={code} what={t.data.snippet(t.data.sdks[sdk])} />
      <p className="part-note is-under">
        {source.last_at === null ? t.data.runIt : t.data.itWorks}{" "}
        <Link to="/live" search={(now) => ({ lang: now.lang, source: source.name })} className="text-link">
          {t.data.watchLive}
        </Link>
      </p>
    </section>
  );
}

function Code({ text, what }: { text: string; what: string }) {
  const { t } = useSpeech();
  return (
    <div className="code">
      <p className="code-head">
        <span>{what}</span>
        <CopyButton text={text} what={t.copy.of(what)} words />
      </p>
      <ScrollBox label={what}>
        <pre>
          <code>{text}</code>
        </pre>
      </ScrollBox>
    </div>
  );
}
