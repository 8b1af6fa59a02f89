import { useNavigate, useSearch } from "@tanstack/react-router";
import { PERIODS } from "../app/search.ts";
import { useSpeech } from "../i18n/language.tsx";

/** Over which days the figures, the funnel and the decided offers are counted. */
export function PeriodChoice() {
  const { t, format } = useSpeech();
  const { days } = useSearch({ from: "/measure" });
  const navigate = useNavigate();
  return (
    <select
      className="select is-small"
      aria-label={t.period.choose}
      value={days ?? ""}
      onChange={(event) => {
        const next = PERIODS.find((one) => String(one) === event.target.value);
        void navigate({ to: ".", search: (now) => ({ ...now, days: next }), replace: true, resetScroll: false });
      }}
    >
      <option value="">{t.period.all}</option>
      {PERIODS.map((one) => (
        <option key={one} value={one}>
          {t.period.last(format.number(one))}
        </option>
      ))}
    </select>
  );
}
