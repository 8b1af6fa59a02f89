import { scaleLinear } from "d3-scale";
import { area, curveBumpY } from "d3-shape";
import type { Funnel } from "../api/types.ts";
import { useSpeech } from "../i18n/language.tsx";
import { useWidth } from "./useWidth.ts";

/** Heights in CSS pixels: a step's line of text, its bar, the flow down to the next step. */
const TEXT = 26;
const BAR = 14;
const FLOW = 34;
const STEP = TEXT + BAR + FLOW;
const LEAST = 3;

/** Bars for the steps, joined by what flows from one to the next. */
export function FunnelChart({ funnel }: { funnel: Funnel }) {
  const { t, format, label } = useSpeech();
  const [element, width] = useWidth<HTMLDivElement>();
  const first = Math.max(funnel.steps[0]?.people ?? 0, 1);
  const x = scaleLinear([0, first], [0, width]).clamp(true);
  const long = (people: number) => (people > 0 ? Math.max(x(people), LEAST) : 0);
  const height = STEP * funnel.steps.length - FLOW;
  const flow = area<{ y: number; x: number }>()
    .x0(0)
    .x1((point) => point.x)
    .y((point) => point.y)
    .curve(curveBumpY);
  return (
    <div ref={element} className="funnel">
      <svg width={width} height={height} role="img" aria-label={label(funnel.label, funnel.name)}>
        {funnel.steps.map((step, i) => {
          const top = i * STEP;
          const next = funnel.steps[i + 1];
          const under = top + TEXT + BAR;
          const name = label(step.label, step.event);
          const down = next
            ? flow([
                { y: under, x: long(step.people) },
                { y: under + FLOW + TEXT, x: long(next.people) },
              ])
            : null;
          return (
            <g key={step.event + String(i)}>
              {down ? <path d={down} className="funnel-flow" /> : null}
              <text y={top + 16} className="funnel-name">
                {name}
              </text>
              <text x={width} y={top + 16} textAnchor="end" className="funnel-people">
                {format.number(step.people)}
                <tspan className="funnel-share"> {format.share(step.people / first)}</tspan>
              </text>
              <rect y={top + TEXT} width={width} height={BAR} rx="3" className="bar-ground" />
              <rect y={top + TEXT} width={long(step.people)} height={BAR} rx="3" className="bar">
                <title>{`${name} ${format.number(step.people)}`}</title>
              </rect>
              {next && step.people > 0 ? (
                <text y={under + 22} x="10" className="funnel-step">
                  ↓ {t.funnel.fromPrevious(format.share(next.people / step.people))}
                </text>
              ) : null}
            </g>
          );
        })}
      </svg>
    </div>
  );
}
