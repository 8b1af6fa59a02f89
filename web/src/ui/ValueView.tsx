import type { Value } from "../api/types.ts";
import { isMoney } from "../format/format.ts";
import { useSpeech } from "../i18n/language.tsx";
import { FIELDS, UNITS } from "../i18n/terms.ts";

/** A value as people read it: numbers with separators, money with its currency, lists as chips, nothing as “unknown”. */
export function ValueView({ value, type, unit }: { value: Value; type?: string | undefined; unit?: string | null | undefined }) {
  const { t, format, name } = useSpeech();
  if (value === null) return <span className="value is-unknown">{t.traits.unknown}</span>;
  if (type === "time" && (typeof value === "number" || typeof value === "string"))
    return <span className="value">{format.dateTime(value)}</span>;
  if (Array.isArray(value)) return <ListView items={value} />;
  if (typeof value === "object" && !isMoney(value)) return <FactsView facts={value as Record<string, Value>} />;
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
export function FactsView({ facts }: { facts: Record<string, Value> }) {
  const { name } = useSpeech();
  return (
    <dl className="facts">
      {Object.entries(facts).map(([fact, value]) => (
        <div key={fact} className="fact">
          <dt title={fact}>{name(FIELDS, fact)}</dt>
          <dd>
            <ValueView value={value} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
