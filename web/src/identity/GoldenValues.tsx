import type { Golden } from "../api/identity.ts";
import { useSpeech } from "../i18n/language.tsx";
import { useSourceName } from "../ui/useSourceName.ts";

/** Which of several values is used, and why. */
export function GoldenValues({ golden }: { golden: readonly Golden[] }) {
  const { t } = useSpeech();
  return (
    <section className="group-of-cards">
      <h2 className="part-title">{t.identities.golden}</h2>
      <p className="part-note">{t.identities.goldenHint}</p>
      <dl className="golden">
        {golden.map((one) => (
          <GoldenLine key={one.attribute} of={one} />
        ))}
      </dl>
    </section>
  );
}

function GoldenLine({ of }: { of: Golden }) {
  const { t, format, label } = useSpeech();
  const sourceName = useSourceName();
  const when = of.why.at === null ? "–" : format.dateTime(of.why.at);
  const rule = t.identities.rules[of.why.rule];
  const why = [
    rule ? rule(when, format.number(of.why.count)) : of.why.rule,
    of.why.source ? t.identities.from(sourceName(of.why.source)) : "",
  ];
  return (
    <div className="golden-line">
      <dt>{label(of.label, of.attribute)}</dt>
      <dd>
        <span className="golden-value">{of.value}</span>
        <span className="golden-why">{why.filter(Boolean).join(" · ")}</span>
        {of.why.others.length ? (
          <span className="golden-why">{t.identities.others(format.list(of.why.others.map((one) => one.value)))}</span>
        ) : null}
      </dd>
    </div>
  );
}
