import { scaleLinear } from "d3-scale";
import { useSpeech } from "../i18n/language.tsx";

/** A part of a whole: its tone is a class that `charts.css` fills. */
export interface Part {
  key: string;
  name: string;
  count: number;
  tone: string;
}

/** Parts of a whole side by side, with a legend that says each in words and numbers. */
export function SplitBar({
  parts,
  title,
  height = 28,
  legend = true,
}: {
  parts: readonly Part[];
  title: string;
  height?: number;
  legend?: boolean;
}) {
  const { format } = useSpeech();
  const total = parts.reduce((sum, one) => sum + one.count, 0);
  const x = scaleLinear([0, Math.max(total, 1)], [0, 100]);
  let before = 0;
  return (
    <>
      <svg className="split-bar" height={height} role="img" aria-label={title}>
        {parts.map((one) => {
          const from = x(before);
          before += one.count;
          return (
            <rect key={one.key} x={`${from}%`} width={`${x(before) - from}%`} height={height} className={one.tone}>
              <title>{`${one.name} ${format.number(one.count)}`}</title>
            </rect>
          );
        })}
      </svg>
      {legend ? <Legend parts={parts} total={total} /> : null}
    </>
  );
}

export function Legend({ parts, total }: { parts: readonly Part[]; total: number }) {
  const { format } = useSpeech();
  return (
    <ul className="legend">
      {parts.map((one) => (
        <li key={one.key} className="legend-entry">
          <span className={`swatch ${one.tone}`} aria-hidden="true" />
          <span className="legend-name">{one.name}</span>
          <span className="legend-count">{format.number(one.count)}</span>
          <span className="legend-share">{total ? format.share(one.count / total) : "–"}</span>
        </li>
      ))}
    </ul>
  );
}
