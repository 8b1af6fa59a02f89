import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import { ApiError, post } from "../api/client.ts";
import type { Submitted } from "../api/running.ts";
import { useSpeech } from "../i18n/language.tsx";

interface ActDialogProps {
  title: string;
  /** What it will do, before it is done. */
  children: ReactNode;
  path: string;
  /** The command, or null while something is missing. */
  command: { a: string; b: string } | null;
  /** What the button that does it says. */
  act: string;
  onClose: () => void;
}

/** Asks once more and why, then gives a command that changes who is who; the reason goes into the audit trail. */
export function ActDialog({ title, children, path, command, act, onClose }: ActDialogProps) {
  const { t } = useSpeech();
  const id = useId();
  const box = useRef<HTMLDialogElement>(null);
  const [why, setWhy] = useState("");
  const queries = useQueryClient();
  const done = useMutation({
    mutationFn: () => post<Submitted>(path, { ...command, why: why.trim() }),
    onSuccess: async (told) => {
      if (told.status !== "applied") return;
      await queries.invalidateQueries();
      box.current?.close();
    },
  });
  useEffect(() => box.current?.showModal(), []);
  const missing = !command || !why.trim();
  return (
    <dialog ref={box} className="dialog" aria-labelledby={`${id}-title`} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!missing) done.mutate();
        }}
      >
        <h2 id={`${id}-title`} className="dialog-title">
          {title}
        </h2>
        {children}
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
            {act}
          </button>
        </p>
      </form>
    </dialog>
  );
}

function Told({ told, error }: { told: Submitted | undefined; error: Error | null }) {
  const { t, label } = useSpeech();
  if (error)
    return (
      <p className="outcome is-bad" role="alert" lang="en">
        {error instanceof ApiError && error.status === 0 ? t.states.offline : error.message}
      </p>
    );
  if (!told || told.status === "applied") return null;
  return (
    <p className="outcome is-bad" role="alert">
      {label(told.text, [told.reason, told.detail].filter(Boolean).join(": "))}
    </p>
  );
}
