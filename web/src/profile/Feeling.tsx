import { useSpeech } from "../i18n/language.tsx";
import { feelingOf } from "./measured.ts";

const WIDTH = 72;
const HEIGHT = 8;

/** How somebody feels: a word, and where it stands between displeased (left) and glad (right). */
export function FeelingView({ polarity }: { polarity: number }) {
  const { t, format } = useSpeech();
  const feeling = feelingOf(polarity);
  const at = ((Math.max(-1, Math.min(1, polarity)) + 1) / 2) * (WIDTH - HEIGHT) + HEIGHT / 2;
  return (
    <span className={`value feeling is-${feeling}`} title={format.number(polarity)}>
      <svg width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true" focusable="false">
        <rect y="3" width={WIDTH} height="2" rx="1" className="feeling-scale" />
        <rect x={WIDTH / 2 - 0.5} y="1" width="1" height="6" className="feeling-middle" />
        <circle cx={at} cy={HEIGHT / 2} r={HEIGHT / 2} className="feeling-dot" />
      </svg>
      {t.now.feelings[feeling]}
    </span>
  );
}
