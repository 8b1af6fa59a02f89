import { useQuery } from "@tanstack/react-query";
import { stagesQuery } from "../api/queries.ts";
import type { StageCount } from "../api/types.ts";
import { Figure } from "../charts/Figure.tsx";
import { SplitBar } from "../charts/SplitBar.tsx";
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
      <SplitBar
        title={t.stages.caption}
        parts={stages.map((one) => ({ key: one.name, name: name(one), count: one.people, tone: toneOf(one.name) }))}
      />
    </Figure>
  );
}
