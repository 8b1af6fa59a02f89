import { useEffect, useRef, useState } from "react";
import { useSpeech } from "../i18n/language.tsx";

/** How long the typing must rest before the search runs, in ms. */
const REST_MS = 220;

export function SearchField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const { t } = useSpeech();
  const [typed, setTyped] = useState(value);
  const reported = useRef(value);
  const tell = useRef(onChange);
  tell.current = onChange;
  useEffect(() => {
    if (value === reported.current) return;
    reported.current = value; // the address changed under the field: back, forward, "clear"
    setTyped(value);
  }, [value]);
  useEffect(() => {
    const wanted = typed.trim();
    if (wanted === reported.current) return;
    const timer = window.setTimeout(() => {
      reported.current = wanted;
      tell.current(wanted);
    }, REST_MS);
    return () => window.clearTimeout(timer);
  }, [typed]);
  return (
    <div className="field">
      <label className="visually-hidden" htmlFor="people-search">
        {t.people.search}
      </label>
      <svg className="field-icon" width="16" height="16" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
        <circle cx="7" cy="7" r="4.5" />
        <path d="m10.5 10.5 3.5 3.5" />
      </svg>
      <input
        id="people-search"
        type="search"
        className="input"
        placeholder={t.people.searchHint}
        autoComplete="off"
        spellCheck={false}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
    </div>
  );
}
