import type { Pictured, PreviewAnswer } from "../api/contents.ts";
import { useSpeech } from "../i18n/language.tsx";
import { Waiting } from "../ui/States.tsx";

const FIRST = ["subject", "title", "preheader", "body", "text"];

/** A text as its reader would see it. Pages of mail are shown in a frame that may run nothing and load nothing of ours. */
export function Said({ preview, error, label }: { preview: PreviewAnswer | undefined; error: Error | null; label: string }) {
  const { t } = useSpeech();
  if (error) return <p className="outcome is-bad">{error.message}</p>;
  if (!preview) return <Waiting lines={4} />;
  if (preview.reason) return <p className="outcome is-bad">{t.content.cannot(preview.reason.code)}</p>;
  const { html, ...fields } = preview.fields;
  const rest = Object.entries(fields).filter(([name]) => !FIRST.includes(name) && name !== "language");
  return (
    <article className="said" aria-label={t.content.preview}>
      {FIRST.map((name) =>
        fields[name] ? (
          <p key={name} className={`said-${name}`}>
            {fields[name]}
          </p>
        ) : null,
      )}
      {html ? <iframe className="said-page" title={`${t.content.preview}: ${label}`} sandbox="" srcDoc={html} /> : null}
      {rest.length ? (
        <dl className="keys">
          {rest.map(([name, words]) => (
            <div key={name} className="key">
              <dt title={name}>{t.content.fields[name] ?? name}</dt>
              <dd>{words}</dd>
            </div>
          ))}
        </dl>
      ) : null}
      {preview.wording ? (
        <p className="part-note">
          <code>{preview.wording.variant}</code>
        </p>
      ) : null}
      {preview.wording?.picture ? <WhyPicture of={preview.wording.picture} /> : null}
    </article>
  );
}

/** Why this picture of several. */
function WhyPicture({ of }: { of: Pictured }) {
  const { t, format } = useSpeech();
  const why =
    of.reason === "colours_liked"
      ? t.content.pictureLiked(format.list(of.looked_at), of.liked, format.number(of.distance ?? 0))
      : undefined;
  return <p className="part-note">{why ?? t.content.pictureFirst[of.reason] ?? of.reason}</p>;
}
