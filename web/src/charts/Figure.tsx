import { useNavigate, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useSpeech } from "../i18n/language.tsx";
import { ScrollBox } from "../ui/ScrollBox.tsx";
import { type Cell, download, type Table } from "./csv.ts";

interface FigureProps {
  /** Names the chart in the address (`table=`) and in the CSV's file name. */
  name: string;
  title: string;
  /** What stands above it, where a tool beside it says the title already. */
  heading?: string | undefined;
  table: Table;
  /** How a cell is written on the page; the CSV keeps the plain number. */
  show: (cell: Cell, column: number) => string;
  mark?: ReactNode;
  tools?: ReactNode;
  children: ReactNode;
}

/** A chart with its title, the same figures as a table, and as CSV. */
export function Figure({ name, title, heading, table, show, mark, tools, children }: FigureProps) {
  const { t } = useSpeech();
  const search = useSearch({ strict: false });
  const navigate = useNavigate();
  const asTables = search.table?.split(",") ?? [];
  const asTable = asTables.includes(name);
  const flip = () => {
    const next = asTable ? asTables.filter((one) => one !== name) : [...asTables, name];
    void navigate({ to: ".", search: (now) => ({ ...now, table: next.join(",") || undefined }), replace: true, resetScroll: false });
  };
  return (
    <figure className="figure" aria-label={title}>
      <figcaption className="figure-head">
        <h2 className="figure-title">
          {heading ?? title}
          {mark}
        </h2>
        <span className="figure-tools">
          {tools}
          <button type="button" className="quiet" aria-pressed={asTable} onClick={flip}>
            {t.chart.table}
          </button>
          <button type="button" className="quiet" aria-label={t.chart.csvOf(title)} onClick={() => download(table, name)}>
            {t.chart.csv}
          </button>
        </span>
      </figcaption>
      {asTable ? <FigureTable title={title} table={table} show={show} /> : children}
    </figure>
  );
}

function FigureTable({ title, table, show }: Pick<FigureProps, "title" | "table" | "show">) {
  return (
    <ScrollBox label={title}>
      <table className="table">
        <caption className="visually-hidden">{title}</caption>
        <thead>
          <tr>
            {table.columns.map((column, i) => (
              <th key={column} scope="col" className={typeof table.rows[0]?.[i] === "number" ? "is-number" : undefined}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row) => (
            <tr key={row.map(String).join("|")}>
              {row.map((cell, i) =>
                i === 0 ? (
                  <th key={table.columns[i]} scope="row">
                    {show(cell, i)}
                  </th>
                ) : (
                  <td key={table.columns[i]} className={typeof cell === "number" ? "is-number" : undefined}>
                    {show(cell, i)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}
