import { useEffect, useRef, useState } from "react";

/** How long the typing must rest before the search runs, in ms. */
const REST_MS = 220;

interface SearchFieldProps {
  id: string;
  label: string;
  hint: string;
  value: string;
  onChange: (value: string) => void;
}

/** A field whose words go into the address once the typing rests. */
export function SearchField({ id, label, hint, value, onChange }: SearchFieldProps) {
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
      <label className="visually-hidden" htmlFor={id}>
        {label}
      </label>
      <svg className="field-icon" width="16" height="16" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
        <circle cx="7" cy="7" r="4.5" />
        <path d="m10.5 10.5 3.5 3.5" />
      </svg>
      <input
        id={id}
        type="search"
        className="input"
        placeholder={hint}
        autoComplete="off"
        spellCheck={false}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
    </div>
  );
}
