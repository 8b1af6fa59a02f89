import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import { post } from "../api/client.ts";
import type { Act } from "../api/identity.ts";
import type { Submitted } from "../api/running.ts";
import { useSpeech } from "../i18n/language.tsx";
import { Fault } from "../ui/Fault.tsx";
import { useSettled } from "../ui/useSettled.ts";
import { Preview } from "./Preview.tsx";

const PATHS: Record<Act["kind"], string> = {
  merge: "/v1/people/merge",
  cut: "/v1/people/cut",
  move: "/v1/people/move",
  split: "/v1/people/split",
  release: "/v1/identity/quarantine/release",
  confirm: "/v1/identity/quarantine/confirm",
  accept: "/v1/suggestions",
  reject: "/v1/suggestions",
};

/** Gives a command; the reason goes into the audit trail. */
export function give({ kind, suggestion, ...body }: Act, why: string): Promise<Submitted> {
  const path = suggestion ? `${PATHS[kind]}/${encodeURIComponent(suggestion)}/${kind}` : PATHS[kind];
  return post<Submitted>(path, { ...body, why });
}

interface ActDialogProps {
  title: string;
  children: ReactNode;
  /** The command, or null while something is missing. */
  act: Act | null;
  /** What the button that does it says. */
  label: string;
  onClose: () => void;
}

/** Shows what a command would do, asks why, then gives it. */
export function ActDialog({ title, children, act, label, onClose }: ActDialogProps) {
  const { t } = useSpeech();
  const id = useId();
  const box = useRef<HTMLDialogElement>(null);
  const [why, setWhy] = useState("");
  const queries = useQueryClient();
  const wanted = JSON.stringify(act);
  const foreseen = JSON.parse(useSettled(wanted)) as Act | null;
  const done = useMutation({
    mutationFn: (command: Act) => give(command, why.trim()),
    onSuccess: async (told) => {
      if (told.status !== "applied") return;
      await queries.invalidateQueries();
      box.current?.close();
    },
  });
  useEffect(() => box.current?.showModal(), []);
  const missing = !act || !why.trim();
  return (
    <dialog ref={box} className="dialog is-wide" aria-labelledby={`${id}-title`} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (act && !missing) done.mutate(act);
        }}
      >
        <h2 id={`${id}-title`} className="dialog-title">
          {title}
        </h2>
        {children}
        {foreseen ? <Preview act={foreseen} /> : null}
        <label className="dialog-field">
          <span>{t.acts.why}</span>
          <input className="input" value={why} onChange={(event) => setWhy(event.target.value)} required placeholder={t.acts.whyHint} />
        </label>
        <Told told={done.data} error={done.error} />
        <p className="dialog-tools">
          <button type="button" className="button" onClick={() => box.current?.close()}>
            {t.acts.cancel}
          </button>
          <button type="submit" className="button is-main" disabled={missing || done.isPending}>
            {label}
          </button>
        </p>
      </form>
    </dialog>
  );
}

export function Told({ told, error }: { told: Submitted | undefined; error: Error | null }) {
  const { label } = useSpeech();
  if (error)
    return (
      <div className="outcome is-bad" role="alert">
        <Fault error={error} />
      </div>
    );
  if (!told || told.status === "applied") return null;
  return (
    <p className="outcome is-bad" role="alert">
      {label(told.text, [told.reason, told.detail].filter(Boolean).join(": "))}
    </p>
  );
}
