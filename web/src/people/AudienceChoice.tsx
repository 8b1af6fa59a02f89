import { useQuery } from "@tanstack/react-query";
import { audiencesQuery } from "../api/queries.ts";
import { useSpeech } from "../i18n/language.tsx";

export function AudienceChoice({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const { t, format, label } = useSpeech();
  const audiences = useQuery(audiencesQuery).data ?? [];
  const known = audiences.some((one) => one.name === value);
  const chosen = audiences.find((one) => one.name === value);
  const sentence = chosen?.sentence ? label(chosen.sentence, "") : "";
  return (
    <div className="choice">
      <label className="visually-hidden" htmlFor="people-audience">
        {t.people.audience}
      </label>
      <select id="people-audience" className="select" value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="">{t.people.everybody}</option>
        {value && !known ? <option value={value}>{value}</option> : null}
        {audiences.map((one) => (
          <option key={one.name} value={one.name}>
            {`${label(one.label, one.name)} (${format.number(one.size)})`}
          </option>
        ))}
      </select>
      {sentence ? <p className="choice-sentence">{sentence}</p> : null}
    </div>
  );
}
