import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { funnelQuery, funnelsQuery } from "../api/queries.ts";
import type { Funnel, Text } from "../api/types.ts";
import type { Cell, Table } from "../charts/csv.ts";
import { Figure } from "../charts/Figure.tsx";
import { FunnelChart } from "../charts/FunnelChart.tsx";
import type { Catalogue } from "../i18n/en.ts";
import { useSpeech } from "../i18n/language.tsx";
import { FIELDS } from "../i18n/terms.ts";
import { Simulated } from "../ui/Simulated.tsx";
import { Empty, Failed, Waiting } from "../ui/States.tsx";
import { useNames } from "../ui/useNames.ts";
import { usePeriodStart } from "./period.ts";

export function FunnelPanel() {
  const funnels = useQuery(funnelsQuery);
  const search = useSearch({ strict: false });
  if (funnels.isPending) return <Waiting lines={4} />;
  if (funnels.isError) return <Failed error={funnels.error} retry={() => void funnels.refetch()} />;
  const chosen = funnels.data.find((one) => one.name === search.funnel) ?? funnels.data[0];
  return chosen ? <ChosenFunnel key={chosen.name} name={chosen.name} all={funnels.data} /> : null;
}

type Named = { name: string; label: Text };

function ChosenFunnel({ name, all }: { name: string; all: Named[] }) {
  const { t } = useSpeech();
  const from = usePeriodStart();
  const funnel = useQuery(funnelQuery(name, from));
  if (funnel.isPending) return <Waiting lines={4} />;
  if (funnel.isError) return <Failed error={funnel.error} retry={() => void funnel.refetch()} />;
  if (!funnel.data.steps[0]?.people) return <Empty title={t.funnel.title} hint={t.funnel.empty} />;
  return <FunnelFigure funnel={funnel.data} all={all} />;
}

function FunnelFigure({ funnel, all }: { funnel: Funnel; all: Named[] }) {
  const { t, format, label } = useSpeech();
  const { wordOf } = useNames();
  const table = tableOf(funnel, t, label, wordOf);
  const shares = new Set([2, 3]);
  const show = (cell: Cell, column: number) =>
    typeof cell === "number" ? (shares.has(column) ? format.share(cell) : format.number(cell)) : (cell ?? "–");
  return (
    <Figure
      name="funnel"
      title={label(funnel.label, funnel.name)}
      heading={all.length > 1 ? t.funnel.title : undefined}
      table={table}
      show={show}
      mark={funnel.simulated ? <Simulated what={t.simulated.figure} /> : null}
      tools={all.length > 1 ? <FunnelChoice all={all} chosen={funnel.name} /> : null}
    >
      <FunnelChart funnel={funnel} />
      {funnel.groups.length ? <Groups funnel={funnel} /> : null}
    </Figure>
  );
}

function tableOf(
  funnel: Funnel,
  t: Catalogue,
  label: (text: Text | undefined, name: string) => string,
  word: (name: string, value: string) => string,
): Table {
  const first = funnel.steps[0]?.people ?? 0;
  const rows = funnel.steps.map((step, i): Cell[] => {
    const previous = i > 0 ? (funnel.steps[i - 1]?.people ?? 0) : null;
    const groups = funnel.groups.map((group) => group.steps[i] ?? null);
    return [
      label(step.label, step.event),
      step.people,
      first ? step.people / first : null,
      previous ? step.people / previous : null,
      ...groups,
    ];
  });
  const groups = funnel.groups.map((group) => word(funnel.by ?? "", group.value));
  return { columns: [t.funnel.step, t.funnel.people, t.funnel.ofFirst, t.funnel.ofPrevious, ...groups], rows };
}

function FunnelChoice({ all, chosen }: { all: Named[]; chosen: string }) {
  const { t, label } = useSpeech();
  const navigate = useNavigate();
  return (
    <select
      className="select is-small"
      aria-label={t.funnel.choose}
      value={chosen}
      onChange={(event) =>
        void navigate({ to: ".", search: (now) => ({ ...now, funnel: event.target.value }), replace: true, resetScroll: false })
      }
    >
      {all.map((one) => (
        <option key={one.name} value={one.name}>
          {label(one.label, one.name)}
        </option>
      ))}
    </select>
  );
}

/** How far each group got, last step over first. */
function Groups({ funnel }: { funnel: Funnel }) {
  const { t, format, name } = useSpeech();
  const { wordOf } = useNames();
  const groups = funnel.groups.map((group) => {
    const first = group.steps[0] ?? 0;
    return { value: group.value, first, last: group.steps.at(-1) ?? 0, share: first ? (group.steps.at(-1) ?? 0) / first : 0 };
  });
  const most = Math.max(...groups.map((group) => group.share), 1e-9);
  return (
    <div className="groups">
      <h3 className="groups-title">{t.funnel.by(funnel.by ? name(FIELDS, funnel.by) : t.funnel.group)}</h3>
      <ul className="groups-list">
        {groups.map((group) => (
          <li key={group.value} className="group">
            <span className="group-name" title={group.value}>
              {wordOf(funnel.by ?? "", group.value)}
            </span>
            <svg className="group-bar" height="8" aria-hidden="true" focusable="false">
              <rect width="100%" height="8" rx="4" className="bar-ground" />
              <rect width={`${(group.share / most) * 100}%`} height="8" rx="4" className="bar" />
            </svg>
            <span className="group-share">{format.share(group.share)}</span>
            <span className="group-people">
              {format.number(group.last)} / {format.number(group.first)}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
