import { useState } from "react";
import type { Evidence, Identifier, Person } from "../api/types.ts";
import { useSpeech } from "../i18n/language.tsx";
import { ActDialog } from "./ActDialog.tsx";

/** What masked values have in them (see `identity.description.mask`). */
const MASKED = /\*{3}|•/;

/** How a command names the identifier; null where only its masked value is known. */
function nameFor(of: Identifier): string | null {
  return of.ref ?? ((of.masked ?? MASKED.test(of.value)) ? null : `${of.type}:${of.value}`);
}

/** Takes a statement back: its two identifiers then belong to two people. Not offered where a value is masked. */
export function Cut({ of }: { of: Evidence }) {
  const { t, label } = useSpeech();
  const [asking, setAsking] = useState(false);
  const a = nameFor(of.a);
  const b = nameFor(of.b);
  if (!a || !b) return null;
  const said = (one: Identifier) => `${label(one.label, one.type)} ${one.value}`;
  return (
    <>
      <button type="button" className="quiet proof-cut" aria-label={t.acts.cutOf(said(of.a), said(of.b))} onClick={() => setAsking(true)}>
        {t.acts.cut}
      </button>
      {asking ? (
        <ActDialog title={t.acts.cutTitle} path="/v1/people/cut" command={{ a, b }} act={t.acts.cut} onClose={() => setAsking(false)}>
          <p className="dialog-text">{t.acts.cutText(said(of.a), said(of.b))}</p>
        </ActDialog>
      ) : null}
    </>
  );
}

/** Says that the person and another one are the same. */
export function Merge({ person }: { person: Person }) {
  const { t } = useSpeech();
  const [asking, setAsking] = useState(false);
  const [other, setOther] = useState("");
  const close = () => {
    setAsking(false);
    setOther("");
  };
  const command = other.trim() ? { a: person.id, b: other.trim() } : null;
  return (
    <>
      <button type="button" className="button is-small" onClick={() => setAsking(true)}>
        {t.acts.merge}
      </button>
      {asking ? (
        <ActDialog title={t.acts.mergeTitle} path="/v1/people/merge" command={command} act={t.acts.mergeDo} onClose={close}>
          <p className="dialog-text">{t.acts.mergeText}</p>
          <label className="dialog-field">
            <span>{t.acts.other}</span>
            <input
              className="input"
              value={other}
              onChange={(event) => setOther(event.target.value)}
              required
              autoComplete="off"
              spellCheck={false}
              placeholder={t.acts.otherHint}
            />
          </label>
        </ActDialog>
      ) : null}
    </>
  );
}
