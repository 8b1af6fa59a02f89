import type { ReactNode } from "react";
import { useSpeech } from "../i18n/language.tsx";

export interface Bar {
  key: string;
  name: ReactNode;
  count: number;
  /** What stands small behind the name. */
  note?: string | undefined;
}

/** Counts as bars below their names, the greatest fills the width. */
export function BarList({ bars, tone = "bar" }: { bars: readonly Bar[]; tone?: string }) {
  const { format } = useSpeech();
  const most = Math.max(...bars.map((one) => one.count), 1);
  return (
    <ul className="bars">
      {bars.map((one) => (
        <li key={one.key} className="bars-entry">
          <span className="bars-name">
            {one.name}
            {one.note ? <span className="bars-note">{one.note}</span> : null}
          </span>
          <span className="bars-count">{format.number(one.count)}</span>
          <svg className="bars-bar" height="4" aria-hidden="true" focusable="false">
            <rect width="100%" height="4" rx="2" className="bar-ground" />
            <rect width={`${(one.count / most) * 100}%`} height="4" rx="2" className={tone} />
          </svg>
        </li>
      ))}
    </ul>
  );
}
