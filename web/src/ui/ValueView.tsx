import type { Value } from "../api/types.ts";
import { isMoney } from "../format/format.ts";
import { useSpeech } from "../i18n/language.tsx";
import { FIELDS, UNITS, VALUES } from "../i18n/terms.ts";
import { ScrollBox } from "./ScrollBox.tsx";

/** An instant in UTC as ISO 8601 writes it. */
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?Z$/;

/** A value as people read it: numbers with separators, money with its currency, lists as chips, nothing as “unknown”. */
export function ValueView({ value, type, unit }: { value: Value; type?: string | undefined; unit?: string | null | undefined }) {
  const { t, format, name } = useSpeech();
  if (value === null) return <span className="value is-unknown">{t.traits.unknown}</span>;
  const instant =
    type === "time" ? typeof value === "number" || typeof value === "string" : typeof value === "string" && INSTANT.test(value);
  if (instant) return <span className="value">{format.dateTime(value as number | string)}</span>;
  if (Array.isArray(value)) return value.some(isRecord) ? <RecordsView records={value.filter(isRecord)} /> : <ListView items={value} />;
  if (typeof value === "object" && !isMoney(value)) return <FactsView facts={value as Facts} />;
  const numeric = typeof value === "number" || isMoney(value);
  const shownUnit = unit && typeof value === "number" && unit !== "time" ? unit : null;
  return (
    <span className={numeric ? "value is-number" : "value"}>
      {format.value(value)}
      {shownUnit ? <span className="unit"> {name(UNITS, shownUnit)}</span> : null}
    </span>
  );
}

function ListView({ items }: { items: readonly Value[] }) {
  const { t, format } = useSpeech();
  if (!items.length) return <span className="value is-unknown">{t.values.none}</span>;
  const seen = new Map<string, number>();
  return (
    <ul className="chips">
      {items.map((item) => {
        const text = format.value(item);
        const times = (seen.get(text) ?? 0) + 1;
        seen.set(text, times);
        return (
          <li key={`${text}#${times}`} className="chip">
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
  const { t, format, name } = useSpeech();
  if (isRecord(value) && "value" in value && "observed_at" in value) {
    const about = [value.source, value.observed_at].filter((part) => typeof part === "string").join(" · ");
    return (
      <span title={about}>
        <NamedValue of={of} value={value.value ?? null} />
        {value.stale === true ? <span className="estimate">{t.values.stale}</span> : null}
      </span>
    );
  }
  const terms = VALUES[of];
  if (typeof value === "string" && terms) return <span className="value">{name(terms, value)}</span>;
  if (typeof value === "number" && of.endsWith("_ms")) return <span className="value">{format.dateTime(value)}</span>;
  return <ValueView value={value} />;
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
