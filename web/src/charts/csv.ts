export type Cell = string | number | null;

export interface Table {
  columns: readonly string[];
  rows: readonly (readonly Cell[])[];
}

/** Spreadsheets run texts that begin with these as formulas. Source: OWASP, CSV Injection. */
const RUNS_AS_FORMULA = /^[=+\-@\t\r]/;

function field(cell: Cell): string {
  if (cell === null) return "";
  if (typeof cell === "number") return String(cell);
  const safe = RUNS_AS_FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** CSV with CRLF (RFC 4180). */
export function toCsv(table: Table): string {
  return [table.columns, ...table.rows].map((row) => `${row.map(field).join(",")}\r\n`).join("");
}

/** Hands the table to the browser as a file; the byte order mark lets Excel read Korean. */
export function download(table: Table, name: string): void {
  const url = URL.createObjectURL(new Blob(["\uFEFF", toCsv(table)], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `${name}.csv`;
  link.click();
  URL.revokeObjectURL(url);
}
