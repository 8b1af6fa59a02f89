import type { Value } from "../api/types.ts";
import { isMoney } from "../format/format.ts";
import { useSpeech } from "../i18n/language.tsx";
import { FIELDS, UNITS } from "../i18n/terms.ts";
import { ScrollBox } from "./ScrollBox.tsx";
import { useNames } from "./useNames.ts";

/** An instant in UTC as ISO 8601 writes it. */
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?Z$/;

interface ValueProps {
  value: Value;
  type?: string | undefined;
  unit?: string | null | undefined;
  /** The name under which it stands: codes of some names are words. */
  of?: string | undefined;
}

/** A value as people read it: numbers with separators, money with its currency, lists as chips, nothing as “unknown”. */
export function ValueView({ value, type, unit, of }: ValueProps) {
  const { t, format, name } = useSpeech();
  if (value === null) return <span className="value is-unknown">{t.traits.unknown}</span>;
  const instant =
    type === "time" ? typeof value === "number" || typeof value === "string" : typeof value === "string" && INSTANT.test(value);
  if (instant) return <span className="value">{format.dateTime(value as number | string)}</span>;
  if (Array.isArray(value))
    return value.some(isRecord) ? <RecordsView records={value.filter(isRecord)} /> : <ListView items={value} of={of ?? ""} />;
  if (typeof value === "object" && !isMoney(value)) return <FactsView facts={value as Facts} />;
  if (of && typeof value === "string") return <Word of={of} code={value} />;
  const numeric = typeof value === "number" || isMoney(value);
  const shownUnit = unit && typeof value === "number" && unit !== "time" ? unit : null;
  return (
    <span className={numeric ? "value is-number" : "value"}>
      {format.value(value)}
      {shownUnit ? <span className="unit"> {name(UNITS, shownUnit)}</span> : null}
    </span>
  );
}

/** A code as people call it, with the code as its tooltip; any other text as it is. */
function Word({ of, code }: { of: string; code: string }) {
  const { wordOf } = useNames();
  const said = wordOf(of, code);
  return (
    <span className="value" title={said === code ? undefined : code}>
      {said}
    </span>
  );
}

function ListView({ items, of }: { items: readonly Value[]; of: string }) {
  const { t, format } = useSpeech();
  const { wordOf } = useNames();
  if (!items.length) return <span className="value is-unknown">{t.values.none}</span>;
  const seen = new Map<string, number>();
  return (
    <ul className="chips">
      {items.map((item) => {
        const text = typeof item === "string" ? wordOf(of, item) : format.value(item);
        const times = (seen.get(text) ?? 0) + 1;
        seen.set(text, times);
        return (
          <li key={`${text}#${times}`} className="chip" title={text === item || typeof item !== "string" ? undefined : item}>
            {text}
          </li>
        );
      })}
    </ul>
  );
}

/** Names and values side by side: properties, a moment, a summary. */
export function FactsView({ facts }: { facts: { readonly [key: string]: Value } }) {
  const { name } = useSpeech();
  return (
    <dl className="facts">
      {Object.entries(facts).map(([fact, value]) => (
        <div key={fact} className="fact">
          <dt title={fact}>{name(FIELDS, fact)}</dt>
          <dd>
            <NamedValue of={fact} value={value} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** The value of a named thing: a word that people know, an observation with its source and age, an instant, or whatever it is. */
export function NamedValue({ of, value }: { of: string; value: Value }) {
  const { t, format } = useSpeech();
  if (isRecord(value) && "value" in value && "observed_at" in value) {
    const source = typeof value.source === "string" ? (t.now.sources[value.source] ?? value.source) : null;
    const at = typeof value.observed_at === "string" ? format.dateTime(value.observed_at) : null;
    return (
      <span title={[source, at].filter(Boolean).join(" · ")}>
        <NamedValue of={of} value={value.value ?? null} />
        {value.stale === true ? <span className="estimate">{t.values.stale}</span> : null}
      </span>
    );
  }
  if (typeof value === "number" && of.endsWith("_ms")) return <span className="value">{format.dateTime(value)}</span>;
  return <ValueView value={value} of={of} />;
}

type Facts = { readonly [key: string]: Value };

function isRecord(value: Value): value is Facts {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isMoney(value);
}

/** How much of a list of records is shown. */
const RECORD_COLUMNS = 6;
const RECORD_ROWS = 60;

/** A list of records (the products of a basket) as a small table. */
function RecordsView({ records }: { records: readonly Facts[] }) {
  const { t, format, name } = useSpeech();
  const columns = [...new Set(records.flatMap((record) => Object.keys(record)))].slice(0, RECORD_COLUMNS);
  return (
    <ScrollBox label={t.values.records(format.number(records.length))}>
      <table className="table records">
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {name(FIELDS, column)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {records.slice(0, RECORD_ROWS).map((record, row) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: records of an event have no id and never move
            <tr key={row}>
              {columns.map((column) => (
                <td key={column}>
                  <NamedValue of={column} value={record[column] ?? null} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {records.length > RECORD_ROWS ? <p className="records-more">+{records.length - RECORD_ROWS}</p> : null}
    </ScrollBox>
  );
}
