import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { type ContentAnswer, type PreviewRequest, TONES, type Variant } from "../api/contents.ts";
import { contentPreviewQuery } from "../api/queries.ts";
import { useSpeech } from "../i18n/language.tsx";
import { CHANNELS as CHANNEL_TERMS } from "../i18n/terms.ts";
import { CopyButton } from "../ui/CopyButton.tsx";
import { useSettled } from "../ui/useSettled.ts";
import { useUnsaved } from "../ui/useUnsaved.ts";
import { definitionOf, yamlOf } from "./definition.ts";
import { Findings } from "./Findings.tsx";
import { Said } from "./Said.tsx";
import { Save, type Saving } from "./Saving.tsx";

const ORDER = ["subject", "title", "preheader", "body", "text"];
const LONG = new Set(["body", "html", "mjml", "text"]);
const CHANNELS = ["app", "web", "email", "push", "kakao", "sms", "till"];

interface EditorProps {
  of: ContentAnswer;
  variant: Variant;
  saving: Saving;
}

/** The words of a variant: how they look to somebody, and what the brand guide says, as one types; saved once nothing is wrong. */
export function VariantEditor({ of, variant, saving }: EditorProps) {
  const { t } = useSpeech();
  const search = useSearch({ from: "/content/texts" });
  const queries = useQueryClient();
  const [fields, setFields] = useState(variant.fields);
  const edited = Object.entries(fields).some(([name, words]) => words !== variant.fields[name]);
  useUnsaved(edited);
  const channel = search.channel ?? variant.channels[0] ?? of.row.channels[0] ?? "app";
  const asked: PreviewRequest = {
    content: edited ? definitionOf(of, variant.key, fields) : of.row.name,
    channel,
    language: variant.language,
    tone: search.tone ?? variant.tone,
    variant: variant.key,
    person: search.reader ?? null,
  };
  const settled = useSettled(JSON.stringify(asked));
  const preview = useQuery(contentPreviewQuery(JSON.parse(settled) as PreviewRequest));
  const findings = preview.data?.findings ?? [];
  const looked = preview.isSuccess && !preview.isPlaceholderData && settled === JSON.stringify(asked);
  const wrong = !looked || preview.data.problems.length > 0 || findings.some((one) => one.severity === "error");
  // Somebody else's words may be the saved ones by now.
  const asSaved = () => {
    setFields(variant.fields);
    saving.reset();
    void queries.invalidateQueries({ queryKey: ["content", of.row.name] });
  };
  return (
    <div className="editor">
      <div className="editor-fields">
        {inOrder(fields).map(([name, words]) => (
          <label key={name} className="editor-field">
            <span className="editor-name" title={name}>
              {t.content.fields[name] ?? name}
            </span>
            <textarea
              className="words"
              rows={LONG.has(name) ? 5 : 1}
              value={words}
              spellCheck={false}
              aria-invalid={findings.some((one) => one.field === name && one.severity === "error")}
              onChange={(event) => setFields({ ...fields, [name]: event.target.value })}
            />
          </label>
        ))}
        <div className="part-tools">
          <button type="button" className="button" disabled={!edited} onClick={asSaved}>
            {t.content.reset}
          </button>
          {of.cannot_save ? (
            <span className="editor-copy">{t.content.cannotSave[of.cannot_save] ?? of.cannot_save}</span>
          ) : (
            <Save
              saving={saving}
              disabled={!edited || wrong}
              save={(why) => saving.mutate({ variant: variant.key, fields, version: variant.version, why })}
            />
          )}
          {edited ? (
            <span className="editor-copy">
              {t.content.copyHint} <CopyButton text={yamlOf(variant, fields)} what={t.content.copyYaml} words />
            </span>
          ) : null}
        </div>
        <Findings
          findings={findings}
          problems={preview.data?.problems ?? []}
          mend={(one) => setFields({ ...fields, [one.field]: mended(fields[one.field] ?? "", one.start, one.end, one.mend ?? "") })}
        />
      </div>
      <div className="editor-preview" aria-live="polite" aria-busy={preview.isFetching}>
        <Reader channel={channel} tone={search.tone ?? variant.tone} />
        <Said preview={preview.data} error={preview.error} label={variant.key} />
      </div>
    </div>
  );
}

/** The fields as they are read, then the others. */
const inOrder = (fields: Record<string, string>) => {
  const place = (name: string) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  return Object.entries(fields).toSorted(([a], [b]) => place(a) - place(b));
};

const mended = (words: string, start: number, end: number, by: string) => words.slice(0, start) + by + words.slice(end);

/** By which channel, in which tone and by whom the preview is read. */
function Reader({ channel, tone }: { channel: string; tone: string | null }) {
  const { t, name: term } = useSpeech();
  const search = useSearch({ from: "/content/texts" });
  const navigate = useNavigate();
  const go = (change: { channel?: string; tone?: string | undefined; reader?: string | undefined }) =>
    void navigate({ to: "/content/texts", search: (now) => ({ ...now, ...change }), replace: true, resetScroll: false });
  const channels = CHANNELS.includes(channel) ? CHANNELS : [channel, ...CHANNELS];
  return (
    <div className="part-tools">
      <label className="visually-hidden" htmlFor="preview-channel">
        {t.content.channel}
      </label>
      <select id="preview-channel" className="select" value={channel} onChange={(event) => go({ channel: event.target.value })}>
        {channels.map((one) => (
          <option key={one} value={one}>
            {term(CHANNEL_TERMS, one)}
          </option>
        ))}
      </select>
      <label className="visually-hidden" htmlFor="preview-tone">
        {t.content.tone}
      </label>
      <select id="preview-tone" className="select" value={tone ?? ""} onChange={(event) => go({ tone: event.target.value || undefined })}>
        <option value="">{t.content.anyTone}</option>
        {TONES.map((one) => (
          <option key={one} value={one}>
            {t.content.tones[one]}
          </option>
        ))}
      </select>
      <label className="visually-hidden" htmlFor="preview-reader">
        {t.content.reader}
      </label>
      <input
        id="preview-reader"
        className="words"
        placeholder={t.content.reader}
        defaultValue={search.reader ?? ""}
        onBlur={(event) => go({ reader: event.target.value.trim() || undefined })}
        onKeyDown={(event) => {
          if (event.key === "Enter") go({ reader: event.currentTarget.value.trim() || undefined });
        }}
      />
    </div>
  );
}
