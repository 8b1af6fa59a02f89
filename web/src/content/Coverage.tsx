import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import type { Cell, CoverageAnswer } from "../api/contents.ts";
import { contentsQuery, coverageQuery } from "../api/queries.ts";
import { useSpeech } from "../i18n/language.tsx";
import { CHANNELS } from "../i18n/terms.ts";
import { ScrollBox } from "../ui/ScrollBox.tsx";
import { Empty, Failed, Waiting } from "../ui/States.tsx";
import { useNames } from "../ui/useNames.ts";
import { usePageTitle } from "../ui/usePageTitle.ts";

const SIGNS: Record<Cell["cover"], string> = { own: "●", instead: "◐", none: "○" };

/** Stage × channel × persona × tone: where something is said in the very tone, where another tone speaks, where nobody wrote anything. */
export function Coverage() {
  const { t, format, label } = useSpeech();
  const { nameOf } = useNames();
  usePageTitle(`${t.nav.content} – ${t.content.coverage}`);
  const { of } = useSearch({ from: "/content/coverage" });
  const navigate = useNavigate();
  const contents = useQuery(contentsQuery).data?.contents ?? [];
  const found = useQuery(coverageQuery(of ?? contents[0]?.name ?? ""));
  if (found.isPending) return <Waiting lines={6} tall />;
  if (found.isError && !found.data) return <Failed error={found.error} retry={() => void found.refetch()} />;
  if (!contents.length) return <Empty title={t.content.none} hint={t.content.noneHint} />;
  const { own, instead, none, stale } = found.data;
  return (
    <section className="coverage" aria-label={t.content.coverage}>
      <div className="part-tools">
        <label htmlFor="coverage-of">{t.content.texts}</label>
        <select
          id="coverage-of"
          className="select"
          value={of ?? contents[0]?.name ?? ""}
          onChange={(event) =>
            void navigate({
              to: "/content/coverage",
              search: (now) => ({ ...now, of: event.target.value }),
              replace: true,
              resetScroll: false,
            })
          }
        >
          {contents.map((one) => (
            <option key={one.name} value={one.name}>
              {label(one.label, one.name)}
            </option>
          ))}
        </select>
      </div>
      <p className="part-note" role="status">
        {t.content.counted(format.number(own), format.number(instead), format.number(none))}
      </p>
      {stale.map((one) => (
        <p key={`${one.content} ${one.reason} ${one.about}`} className="outcome is-bad" title={one.about}>
          {[
            t.content.stale[one.reason] ?? one.reason,
            one.reason.startsWith("offer") ? nameOf("offers", one.about) : one.about,
            one.days === null ? "" : t.content.days(format.number(one.days)),
          ]
            .filter(Boolean)
            .join(" · ")}
        </p>
      ))}
      <Legend />
      <Matrix of={found.data} />
    </section>
  );
}

/** What the signs mean. */
function Legend() {
  const { t } = useSpeech();
  return (
    <ul className="matrix-legend">
      {(["own", "instead", "none"] as const).map((cover) => (
        <li key={cover}>
          <span aria-hidden="true">{SIGNS[cover]}</span> {t.content.covers[cover]}
        </li>
      ))}
    </ul>
  );
}

function Matrix({ of }: { of: CoverageAnswer }) {
  const { t, name } = useSpeech();
  const columns = [...new Map(of.cells.map((cell) => [`${cell.channel} ${cell.tone}`, cell])).values()];
  const channels = [...new Set(columns.map((cell) => cell.channel))];
  const rows = new Map<string, Cell[]>();
  for (const cell of of.cells) {
    const key = [cell.language, cell.stage, cell.persona].join(" ");
    rows.set(key, [...(rows.get(key) ?? []), cell]);
  }
  return (
    <ScrollBox label={t.content.coverage}>
      <table className="matrix">
        <caption className="visually-hidden">{t.content.coverage}</caption>
        <thead>
          <tr>
            <td />
            {channels.map((channel) => (
              <th key={channel} scope="colgroup" colSpan={columns.filter((one) => one.channel === channel).length}>
                {name(CHANNELS, channel)}
              </th>
            ))}
          </tr>
          <tr>
            <td />
            {columns.map((one) => (
              <th key={`${one.channel} ${one.tone}`} scope="col" className="matrix-tone">
                {t.content.tones[one.tone] ?? t.content.anyTone}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {[...rows].map(([key, cells]) => (
            <Row key={key} cells={cells} columns={columns} />
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}

function Row({ cells, columns }: { cells: readonly Cell[]; columns: readonly Cell[] }) {
  const { t } = useSpeech();
  const first = cells[0];
  return (
    <tr>
      <th scope="row">
        {[t.content.languages[first?.language ?? ""] ?? first?.language, first?.stage || t.content.anyStage, first?.persona]
          .filter(Boolean)
          .join(" · ")}
      </th>
      {columns.map((column) => {
        const cell = cells.find((one) => one.channel === column.channel && one.tone === column.tone);
        return (
          <td key={`${column.channel} ${column.tone}`} className={cell ? `matrix-cell is-${cell.cover}` : "matrix-cell"}>
            {cell ? <Sign cell={cell} /> : null}
          </td>
        );
      })}
    </tr>
  );
}

function Sign({ cell }: { cell: Cell }) {
  const { t } = useSpeech();
  const said = [t.content.covers[cell.cover], cell.state ? (t.content.states[cell.state] ?? cell.state) : ""].filter(Boolean).join(" · ");
  const sign = (
    <>
      <span aria-hidden="true">{SIGNS[cell.cover]}</span>
      <span className="visually-hidden">{said}</span>
    </>
  );
  if (cell.variant === null) return <span title={said}>{sign}</span>;
  return (
    <Link
      to="/content/texts"
      search={(now) => ({
        lang: now.lang,
        content: cell.content,
        variant: cell.variant ?? undefined,
        channel: cell.channel,
        tone: cell.tone || undefined,
      })}
      title={`${said}: ${cell.variant}`}
    >
      {sign}
    </Link>
  );
}
