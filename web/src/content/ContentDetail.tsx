import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { ApiError } from "../api/client.ts";
import type { ContentAnswer, Tone, Variant } from "../api/contents.ts";
import { contentDiffQuery, contentQuery } from "../api/queries.ts";
import { useSpeech } from "../i18n/language.tsx";
import { CHANNELS } from "../i18n/terms.ts";
import { Empty, Failed, Waiting } from "../ui/States.tsx";
import { Approval } from "./Approval.tsx";
import { SavedLine, useSaving } from "./Saving.tsx";
import { VariantEditor } from "./VariantEditor.tsx";

/** One content: its facts, its variants to read and to try other words in, and where it stands. */
export function ContentDetail({ name }: { name: string }) {
  const { t, label } = useSpeech();
  const found = useQuery(contentQuery(name));
  const search = useSearch({ from: "/content/texts" });
  const saving = useSaving(name);
  if (found.isPending) return <Waiting lines={6} tall />;
  if (found.error instanceof ApiError && found.error.status === 404) return <Empty title={t.content.gone} hint={t.content.goneHint} />;
  if (found.isError && !found.data) return <Failed error={found.error} retry={() => void found.refetch()} />;
  const { row, facts, variants } = found.data;
  const variant = variants.find((one) => one.key === search.variant) ?? variants[0];
  return (
    <section className="data-detail" aria-label={label(row.label, row.name)}>
      <Link to="/content/texts" search={(now) => ({ lang: now.lang })} className="back">
        <span aria-hidden="true">←</span> {t.content.texts}
      </Link>
      <header className="detail-head">
        <h2 className="detail-title">{label(row.label, row.name)}</h2>
        <span className="tag">{t.content.states[row.state] ?? row.state}</span>
      </header>
      <p className="part-note">{label(row.message, "")}</p>
      <Facts facts={facts} />
      <VariantChoice variants={variants} chosen={variant} turned={saving.reset} />
      {variant ? (
        <VariantEditor key={`${name} ${variant.key} ${variant.version}`} of={found.data} variant={variant} saving={saving} />
      ) : null}
      <SavedLine saving={saving} />
      <Approval row={row} />
      <Changes name={name} />
    </section>
  );
}

function Facts({ facts }: { facts: ContentAnswer["facts"] }) {
  const { t, label } = useSpeech();
  if (!facts.length) return null;
  return (
    <>
      <h3 className="setup-title">{t.content.facts}</h3>
      <dl className="keys">
        {facts.map((fact) => (
          <div key={fact.name} className="key">
            <dt>
              <code>{fact.name}</code>
            </dt>
            <dd>{label(fact.text, String(fact.declared.value))}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

interface ChoiceProps {
  variants: readonly Variant[];
  chosen: Variant | undefined;
  turned: () => void;
}

function VariantChoice({ variants, chosen, turned }: ChoiceProps) {
  const { t } = useSpeech();
  const nameOf = useVariantName();
  const navigate = useNavigate();
  return (
    <div className="part-tools">
      <label htmlFor="variant">{t.content.variant}</label>
      <select
        id="variant"
        className="select"
        value={chosen?.key ?? ""}
        onChange={(event) => {
          turned();
          void navigate({
            to: "/content/texts",
            search: (now) => ({ ...now, variant: event.target.value, channel: undefined, tone: undefined }),
            replace: true,
            resetScroll: false,
          });
        }}
      >
        {variants.map((one) => (
          <option key={one.key} value={one.key}>
            {`${nameOf(one)} (${t.content.states[one.standing.state] ?? one.standing.state})`}
          </option>
        ))}
      </select>
    </div>
  );
}

/** “English · careful”: by what a variant differs from the others; its key names it in files. */
function useVariantName(): (of: Variant) => string {
  const { t, name } = useSpeech();
  return (of) => {
    const channels = of.key.startsWith("any/") ? "" : of.channels.map((one) => name(CHANNELS, one)).join(", ");
    const tone = of.tone ? (t.content.tones[of.tone as Tone] ?? of.tone) : t.content.anyTone;
    return [t.content.languages[of.language] ?? of.language, tone, channels, of.stage, of.persona].filter(Boolean).join(" · ");
  };
}

/** What differs from what was approved last. */
function Changes({ name }: { name: string }) {
  const { t } = useSpeech();
  const diff = useQuery(contentDiffQuery(name)).data;
  if (!diff?.before || !diff.differences.length) return null;
  return (
    <>
      <h3 className="setup-title">{t.content.changes}</h3>
      <dl className="changes">
        {diff.differences.map((one) => (
          <div key={`${one.variant} ${one.field}`}>
            <dt>
              <code>{[one.variant, one.field].filter(Boolean).join(" · ")}</code>
            </dt>
            <dd>
              {one.before === null ? null : <del>{one.before}</del>} {one.after === null ? null : <ins>{one.after}</ins>}
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}
