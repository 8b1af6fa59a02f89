import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import type { ContentRow } from "../api/contents.ts";
import { contentsQuery } from "../api/queries.ts";
import { useSpeech } from "../i18n/language.tsx";
import { ChoiceLine } from "../ui/ChoiceLine.tsx";
import { Empty, Failed, Waiting } from "../ui/States.tsx";
import { usePageTitle } from "../ui/usePageTitle.ts";
import { ContentDetail } from "./ContentDetail.tsx";

/** All contents, and one of them with its words. */
export function Texts() {
  const { t } = useSpeech();
  usePageTitle(`${t.nav.content} – ${t.content.texts}`);
  const found = useQuery(contentsQuery);
  const { content: chosen } = useSearch({ from: "/content/texts" });
  if (found.isPending) return <Waiting lines={6} tall />;
  if (found.isError && !found.data) return <Failed error={found.error} retry={() => void found.refetch()} />;
  const { contents, need_approval } = found.data;
  if (!contents.length) return <Empty title={t.content.none} hint={t.content.noneHint} />;
  return (
    <div className={chosen ? "data-columns has-choice" : "data-columns"}>
      <section className="letters" aria-label={t.content.texts}>
        <p className="part-note">{need_approval ? t.content.needApproval : t.content.freely}</p>
        <ul className="choices">
          {contents.map((row) => (
            <li key={row.name}>
              <TextChoice row={row} here={row.name === chosen} />
            </li>
          ))}
        </ul>
      </section>
      {chosen ? <ContentDetail key={chosen} name={chosen} /> : <p className="data-detail part-note letters-hint">{t.content.choose}</p>}
    </div>
  );
}

function TextChoice({ row, here }: { row: ContentRow; here: boolean }) {
  const { t, format, label } = useSpeech();
  const under = [
    t.content.variants(format.number(row.variants)),
    format.list(row.languages.map((one) => t.content.languages[one] ?? one)),
    ...row.stale.map((code) => t.content.stale[code] ?? code),
  ];
  return (
    <ChoiceLine
      to="/content/texts"
      search={(now) => ({ lang: now.lang, content: row.name })}
      here={here}
      activeProps={{}}
      resetScroll={false}
      head={label(row.label, row.name)}
      tag={t.content.states[row.state] ?? row.state}
      under={under.filter(Boolean).join(" · ")}
    />
  );
}
