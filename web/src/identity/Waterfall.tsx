import { scaleLinear } from "d3-scale";
import type { Suggestion } from "../api/identity.ts";
import { Figure } from "../charts/Figure.tsx";
import { useSpeech } from "../i18n/language.tsx";
import { type Bar, barsOf } from "./waterfall.ts";

const HEIGHT = 18;

/** From the weight of a random pair to the weight of this one: a bar for what each field adds or takes away. */
export function Waterfall({ of }: { of: Suggestion }) {
  const { t, label } = useSpeech();
  const { bars, least, most } = barsOf(of);
  const x = scaleLinear([least, Math.max(most, least + 1)], [0, 100]);
  const bits = useBits();
  const steps = new Map(of.steps.map((one) => [one.field, one]));
  const name = (bar: Bar) => {
    const step = steps.get(bar.key);
    return step ? label(step.label, step.field) : bar.key === "start" ? t.queues.start : t.queues.total;
  };
  const rows = bars.map((bar) => {
    const step = steps.get(bar.key);
    return [name(bar), step ? label(step.level, "") : "", step?.left ?? "", step?.right ?? "", bar.bits] as const;
  });
  const columns = [t.queues.field, t.queues.likeness, t.queues.left, t.queues.right, t.queues.bits];
  return (
    <Figure
      name="waterfall"
      title={t.queues.waterfall}
      table={{ columns, rows }}
      show={(cell) => (typeof cell === "number" ? bits(cell) : (cell ?? ""))}
    >
      <ol className="waterfall">
        {bars.map((bar) => {
          const step = steps.get(bar.key);
          return (
            <li key={bar.key} className={step ? "fall" : "fall is-sum"}>
              <span className="fall-name">
                {name(bar)}
                {step ? <span className="fall-level">{label(step.level, "")}</span> : null}
              </span>
              <span className="fall-values">{step ? [step.left || "–", step.right || "–"].join(" · ") : ""}</span>
              <svg className="fall-bar" height={HEIGHT} width="100%" aria-hidden="true" focusable="false">
                <line x1={`${x(0)}%`} x2={`${x(0)}%`} y1="0" y2={HEIGHT} className="fall-zero" />
                <rect
                  x={`${x(Math.min(bar.from, bar.to))}%`}
                  width={`${Math.max(Math.abs(x(bar.to) - x(bar.from)), 0.4)}%`}
                  y="3"
                  height={HEIGHT - 6}
                  rx="2"
                  className={`fall-rect is-${bar.tone}`}
                />
              </svg>
              <span className="fall-bits">{bits(bar.bits)}</span>
            </li>
          );
        })}
      </ol>
    </Figure>
  );
}

/** Bits with their sign and one decimal. */
export function useBits(): (bits: number) => string {
  const { lang } = useSpeech();
  const format = new Intl.NumberFormat(lang, { signDisplay: "exceptZero", minimumFractionDigits: 1, maximumFractionDigits: 1 });
  return (bits) => format.format(bits);
}
