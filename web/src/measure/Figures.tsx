import { useQuery } from "@tanstack/react-query";
import { kpisQuery, statusQuery } from "../api/queries.ts";
import type { Kpi } from "../api/types.ts";
import { type Format, isMoney } from "../format/format.ts";
import { useSpeech } from "../i18n/language.tsx";
import { UNITS } from "../i18n/terms.ts";
import { InEnglish } from "../ui/Fault.tsx";
import { Headline } from "../ui/Headline.tsx";
import { Simulated } from "../ui/Simulated.tsx";
import { usePeriodStart } from "./period.ts";

/** The status says how many people there are now; a KPI of this name would say it twice. */
const PEOPLE_KPI = "people";

/** The live figures: people, what the workspace counts, decisions. */
export function Figures() {
  const { t, format, label, name } = useSpeech();
  const status = useQuery(statusQuery).data;
  const from = usePeriodStart();
  const { data: kpis, isError } = useQuery(kpisQuery(from));
  const messages = status ? Object.values(status.messages).reduce((sum, n) => sum + n, 0) : 0;
  return (
    <section className="figures" aria-label={t.figures.label}>
      <dl className="figures-list">
        <Headline
          name={t.figures.people}
          value={status ? format.number(status.people) : null}
          note={status ? t.figures.identified(format.number(status.identified)) : null}
        />
        {kpis
          ?.filter((kpi) => kpi.name !== PEOPLE_KPI)
          .map((kpi) => (
            <Headline
              key={kpi.name}
              name={label(kpi.label, kpi.name)}
              value={kpiText(kpi, format)}
              full={kpi.value === null ? null : format.value(kpi.value)}
              note={kpi.value !== null && isMoney(kpi.value) ? format.money(kpi.value) : null}
              unit={kpi.unit && typeof kpi.value === "number" ? name(UNITS, kpi.unit) : null}
              mark={kpi.simulated ? <Simulated what={t.simulated.figure} /> : null}
            />
          )) ?? (isError ? [] : [1, 2, 3]).map((n) => <Headline key={n} name={"\u00a0"} value={null} note={null} />)}
        <Headline
          name={t.figures.decisions}
          value={status ? format.number(status.decisions) : null}
          note={status ? t.figures.messages(format.number(messages)) : null}
        />
      </dl>
      {status && status.rejected > 0 ? <p className="figures-note">{t.figures.rejected(format.number(status.rejected))}</p> : null}
      {status?.lake_problem ? (
        <div className="figures-note">
          <InEnglish text={status.lake_problem} />
        </div>
      ) : null}
      {isError && !kpis ? <p className="figures-note">{t.states.error}</p> : null}
    </section>
  );
}

/** Counts below ten million are written out; money is shortened, and stands in full below. */
function kpiText({ value, amounts }: Kpi, format: Format): string {
  if (value === null) return amounts.length ? amounts.map(format.compactMoney).join(" · ") : "–";
  if (isMoney(value)) return format.compactMoney(value);
  return value >= 10_000_000 ? format.compact(value) : format.number(value);
}
