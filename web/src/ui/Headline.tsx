import type { ReactNode } from "react";

interface HeadlineProps {
  name: string;
  /** Null while it loads. */
  value: string | null;
  note?: ReactNode;
  full?: string | null;
  unit?: string | null;
  mark?: ReactNode;
  /** Draws it as something to look at. */
  alarming?: boolean;
}

/** One figure with its name above and what explains it below; for use in a `<dl className="figures-list">`. */
export function Headline({ name, value, note, full, unit, mark, alarming = false }: HeadlineProps) {
  return (
    <div className={alarming ? "headline is-alarming" : "headline"}>
      <dt>
        {name}
        {mark}
      </dt>
      <dd>
        {value === null ? <span className="waiting-line is-figure" aria-hidden="true" /> : <span title={full ?? undefined}>{value}</span>}
        {unit ? <span className="headline-unit"> {unit}</span> : null}
        {note ? <small>{note}</small> : null}
      </dd>
    </div>
  );
}
