import { useState } from "react";
import type { Identifier, Person } from "../api/types.ts";
import { useSpeech } from "../i18n/language.tsx";
import { ActDialog } from "./ActDialog.tsx";
import { type Proof, refOf } from "./proofs.ts";

type PairAct = "cut" | "restore" | "release" | "confirm";

/** What can be done about a statement in its state. */
function actsOf({ of, status }: Proof): readonly PairAct[] {
  if (status === "accepted") return ["cut"];
  if (status === "cut") return ["restore"];
  return of.verdict === "quarantined" ? ["release", "confirm"] : [];
}

/** Buttons that undo a statement, or what somebody did about it. */
export function ProofActs({ proof }: { proof: Proof }) {
  return (
    <>
      {actsOf(proof).map((kind) => (
        <PairButton key={kind} kind={kind} a={proof.of.a} b={proof.of.b} />
      ))}
    </>
  );
}

export function PairButton({ kind, a, b, main = false }: { kind: PairAct; a: Identifier; b: Identifier; main?: boolean }) {
  const { t, label } = useSpeech();
  const [asking, setAsking] = useState(false);
  const said = (one: Identifier) => `${label(one.label, one.type)} ${one.value}`;
  const act = { kind: kind === "restore" ? "merge" : kind, a: refOf(a), b: refOf(b) } as const;
  const look = main ? (kind === "release" ? "button is-main" : "button") : "quiet proof-act";
  return (
    <>
      <button
        type="button"
        className={kind === "cut" ? `${look} proof-cut` : look}
        aria-label={t.acts.of(t.acts[kind], `${said(a)}, ${said(b)}`)}
        onClick={() => setAsking(true)}
      >
        {t.acts[kind]}
      </button>
      {asking ? (
        <ActDialog title={t.acts[`${kind}Title`]} act={act} label={t.acts[kind]} onClose={() => setAsking(false)}>
          <p className="dialog-text">{t.acts[`${kind}Text`](said(a), said(b))}</p>
        </ActDialog>
      ) : null}
    </>
  );
}

/** A field for another person. */
function Other({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const { t } = useSpeech();
  return (
    <label className="dialog-field">
      <span>{t.acts.other}</span>
      <input
        className="input"
        value={value}
        onChange={(event) => onChange(event.target.value)}
        required
        autoComplete="off"
        spellCheck={false}
        placeholder={t.acts.otherHint}
      />
    </label>
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
  const act = other.trim() ? ({ kind: "merge", a: person.id, b: other.trim() } as const) : null;
  return (
    <>
      <button type="button" className="button is-small" onClick={() => setAsking(true)}>
        {t.acts.merge}
      </button>
      {asking ? (
        <ActDialog title={t.acts.mergeTitle} act={act} label={t.acts.mergeDo} onClose={close}>
          <p className="dialog-text">{t.acts.mergeText}</p>
          <Other value={other} onChange={setOther} />
        </ActDialog>
      ) : null}
    </>
  );
}

/** Gives an identifier to another person. */
export function Move({ of }: { of: Identifier }) {
  const { t, label } = useSpeech();
  const [asking, setAsking] = useState(false);
  const [other, setOther] = useState("");
  const said = `${label(of.label, of.type)} ${of.value}`;
  const act = other.trim() ? ({ kind: "move", a: refOf(of), b: other.trim() } as const) : null;
  return (
    <>
      <button type="button" className="quiet proof-act" aria-label={t.acts.of(t.acts.move, said)} onClick={() => setAsking(true)}>
        {t.acts.move}
      </button>
      {asking ? (
        <ActDialog title={t.acts.moveTitle} act={act} label={t.acts.move} onClose={() => setAsking(false)}>
          <p className="dialog-text">{t.acts.moveText(said)}</p>
          <Other value={other} onChange={setOther} />
        </ActDialog>
      ) : null}
    </>
  );
}

/** Cuts the chosen identifiers off the others. */
export function Split({ chosen, done }: { chosen: readonly Identifier[]; done: () => void }) {
  const { t, format } = useSpeech();
  const [asking, setAsking] = useState(false);
  const act = t.acts.split(format.number(chosen.length));
  return (
    <>
      <button type="button" className="button is-small" onClick={() => setAsking(true)}>
        {act}
      </button>
      {asking ? (
        <ActDialog
          title={t.acts.splitTitle}
          act={{ kind: "split", identifiers: chosen.map(refOf) }}
          label={act}
          onClose={() => {
            setAsking(false);
            done();
          }}
        >
          <p className="dialog-text">{t.acts.splitText(format.list(chosen.map((one) => one.value)))}</p>
        </ActDialog>
      ) : null}
    </>
  );
}
