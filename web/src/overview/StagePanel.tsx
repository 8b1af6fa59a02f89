import { useQuery } from "@tanstack/react-query";
import { scaleLinear } from "d3-scale";
import { stagesQuery } from "../api/queries.ts";
import type { StageCount } from "../api/types.ts";
import { Figure } from "../charts/Figure.tsx";
import { useSpeech } from "../i18n/language.tsx";
import { Empty, Failed, Waiting } from "../ui/States.tsx";

/** The journey from first sight to leaving: the order of the bar and of its tones (`--stage-1` …); others follow. */
const JOURNEY = ["aware", "interested", "considering", "near_purchase", "customer", "loyal", "advocate", "lapsing"];

const placeOf = (name: string): number => (JOURNEY.includes(name) ? JOURNEY.indexOf(name) : JOURNEY.length);
const toneOf = (name: string): string => `stage-${(placeOf(name) % JOURNEY.length) + 1}`;

export function StagePanel() {
  const { t } = useSpeech();
  const stages = useQuery(stagesQuery);
  if (stages.isPending) return <Waiting lines={4} />;
  if (stages.isError) return <Failed error={stages.error} retry={() => void stages.refetch()} />;
  if (!stages.data.some((one) => one.people > 0)) return <Empty title={t.people.empty} hint={t.people.emptyHint} />;
  return <StageFigure stages={stages.data.toSorted((a, b) => placeOf(a.name) - placeOf(b.name))} />;
}

function StageFigure({ stages }: { stages: StageCount[] }) {
  const { t, format, label } = useSpeech();
  const total = stages.reduce((sum, one) => sum + one.people, 0);
  const name = (one: StageCount) => label(one.label, one.name || t.stages.none);
  const table = {
    columns: [t.stages.stage, t.stages.people, t.stages.share],
    rows: stages.map((one) => [name(one), one.people, one.people / total]),
  };
  return (
    <Figure
      name="stages"
      title={t.stages.title}
      table={table}
      show={(cell, column) => (typeof cell === "number" ? (column === 2 ? format.share(cell) : format.number(cell)) : (cell ?? ""))}
    >
      <StageBar stages={stages} total={total} title={t.stages.caption} name={name} />
      <ul className="stage-legend">
        {stages.map((one) => (
          <li key={one.name} className="stage-entry">
            <span className={`swatch ${toneOf(one.name)}`} aria-hidden="true" />
            <span className="stage-name">{name(one)}</span>
            <span className="stage-people">{format.number(one.people)}</span>
            <span className="stage-share">{format.share(one.people / total)}</span>
          </li>
        ))}
      </ul>
    </Figure>
  );
}

interface BarProps {
  stages: StageCount[];
  total: number;
  title: string;
  name: (one: StageCount) => string;
}

function StageBar({ stages, total, title, name }: BarProps) {
  const { format } = useSpeech();
  const x = scaleLinear([0, total], [0, 100]);
  let before = 0;
  return (
    <svg className="stage-bar" height="28" role="img" aria-label={title}>
      {stages.map((one) => {
        const from = x(before);
        before += one.people;
        const width = x(before) - from;
        return (
          <rect key={one.name} x={`${from}%`} width={`${width}%`} height="28" className={toneOf(one.name)}>
            <title>{`${name(one)} ${format.number(one.people)}`}</title>
          </rect>
        );
      })}
    </svg>
  );
}
