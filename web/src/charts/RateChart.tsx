import { scaleLinear } from "d3-scale";
import type { Minute } from "../api/running.ts";
import { useSpeech } from "../i18n/language.tsx";
import { useWidth } from "./useWidth.ts";

/** In CSS pixels: the bars, the line of times below them, the numbers at the left. */
const HEIGHT = 132;
const FOOT = 22;
const SIDE = 44;
const GAP = 1.5;
/** So many times are written below. */
const TICKS = 4;

/** Events by minute of receipt: accepted ones from the ground up, rejected ones on top. */
export function RateChart({ minutes, title }: { minutes: readonly Minute[]; title: string }) {
  const { t, format } = useSpeech();
  const [element, width] = useWidth<HTMLDivElement>();
  const most = Math.max(...minutes.map((one) => one.accepted + one.rejected), 1);
  const y = scaleLinear([0, most], [HEIGHT, 4]).nice(3);
  const step = Math.max((width - SIDE) / Math.max(minutes.length, 1), 1);
  const left = (i: number) => SIDE + i * step;
  const every = Math.max(Math.round(minutes.length / TICKS), 1);
  const thick = Math.max(step - GAP, 1);
  return (
    <div ref={element} className="rate">
      <svg width={width} height={HEIGHT + FOOT} role="img" aria-label={title}>
        {y
          .ticks(3)
          .filter(Number.isInteger)
          .map((value) => (
            <g key={value}>
              <line x1={SIDE} x2={width} y1={y(value)} y2={y(value)} className="grid-line" />
              <text x={SIDE - 8} y={y(value) + 4} textAnchor="end" className="axis">
                {format.compact(value)}
              </text>
            </g>
          ))}
        {minutes.map((one, i) => (
          <g key={one.at}>
            <title>{`${format.time(one.at)} · ${t.watch.accepted} ${format.number(one.accepted)} · ${t.watch.rejected} ${format.number(one.rejected)}`}</title>
            <rect x={left(i)} width={step} y="0" height={HEIGHT} className="hover-ground" />
            <rect x={left(i)} width={thick} y={y(one.accepted)} height={HEIGHT - y(one.accepted)} rx="1" className="bar" />
            {one.rejected ? (
              <rect
                x={left(i)}
                width={thick}
                y={y(one.accepted + one.rejected)}
                height={y(one.accepted) - y(one.accepted + one.rejected)}
                rx="1"
                className="tone-no"
              />
            ) : null}
            {i % every === 0 ? (
              <text x={left(i)} y={HEIGHT + 16} className="axis">
                {format.time(one.at)}
              </text>
            ) : null}
          </g>
        ))}
      </svg>
    </div>
  );
}
