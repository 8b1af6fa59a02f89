import { useQuery } from "@tanstack/react-query";
import type { Act, Foreseen } from "../api/identity.ts";
import { audiencesQuery, previewQuery } from "../api/queries.ts";
import { useSpeech } from "../i18n/language.tsx";
import { Fault, InEnglish } from "../ui/Fault.tsx";
import { HeldText } from "./HeldText.tsx";

/** What a command on people would do: who they are now and then, audiences entered and left, what follows the identifiers. */
export function Preview({ act }: { act: Act }) {
  const { t, format } = useSpeech();
  const seen = useQuery(previewQuery(act));
  if (seen.isPending)
    return (
      <p className="preview is-waiting" role="status">
        {t.acts.previewing}
      </p>
    );
  const failure = seen.error ?? (seen.data.status === "refused" ? seen.data : null);
  if (failure)
    return (
      <div className="outcome is-bad">
        {t.acts.fails} {failure instanceof Error ? <Fault error={failure} /> : <InEnglish text={failure.detail} />}
      </div>
    );
  const { before = [], after = [], acts = [], held, complete = true, together } = seen.data?.facts ?? {};
  const stays = before.length === after.length && after.every((one) => before.some((was) => was.id === one.id && was.count === one.count));
  return (
    <section className="preview" aria-label={t.acts.preview}>
      {together === false && held?.reason && (act.kind === "accept" || act.kind === "merge") ? (
        <p className="outcome is-bad">
          {t.acts.willBeHeld} <HeldText {...held} />
        </p>
      ) : null}
      {stays ? <p className="part-note">{t.acts.nothing}</p> : <BeforeAfter before={before} after={after} />}
      {acts.length ? <p className="part-note">{t.acts.follow(format.number(acts.length))}</p> : null}
      {complete ? null : <p className="part-note">{t.acts.more}</p>}
    </section>
  );
}

function BeforeAfter({ before, after }: { before: readonly Foreseen[]; after: readonly Foreseen[] }) {
  const { t, format } = useSpeech();
  return (
    <div className="preview-sides">
      {(
        [
          [t.acts.now, before, false],
          [t.acts.afterwards, after, true],
        ] as const
      ).map(([title, people, changed]) => (
        <div key={title}>
          <h3 className="preview-title">
            {title} <span className="view-count">{t.acts.people(format.number(people.length))}</span>
          </h3>
          <ul>
            {people.map((one) => (
              <PersonLine key={one.id} of={one} changed={changed} />
            ))}
          </ul>
        </div>
      ))}
    </div>
  );
}

function PersonLine({ of, changed }: { of: Foreseen; changed: boolean }) {
  const { t, format, label } = useSpeech();
  const audiences = useQuery(audiencesQuery).data ?? [];
  const said = (names: readonly string[]) =>
    format.list(names.map((name) => label(audiences.find((one) => one.name === name)?.label, name)));
  return (
    <li className="preview-person">
      <span className="preview-name">{of.name}</span>
      <span className="preview-under">
        {t.acts.identifiers(format.number(of.count))}: {of.identifiers.map((one) => one.value).join(", ")}
        {of.count > of.identifiers.length ? " …" : ""}
      </span>
      {of.entered.length ? <span className="preview-in">+ {t.acts.entered(said(of.entered))}</span> : null}
      {of.left.length ? <span className="preview-out">− {t.acts.left(said(of.left))}</span> : null}
      {changed && !of.entered.length && !of.left.length ? <span className="preview-under">{t.acts.sameAudiences}</span> : null}
    </li>
  );
}
