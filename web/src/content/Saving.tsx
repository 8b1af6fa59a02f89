import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError, post } from "../api/client.ts";
import type { SavedAnswer, SaveRequest } from "../api/contents.ts";
import { useSpeech } from "../i18n/language.tsx";

/** Writing words into the workspace's files. It outlives the editor, which begins anew with the saved words. */
export function useSaving(content: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (asked: SaveRequest) => post<SavedAnswer>(`/v1/contents/${encodeURIComponent(content)}/save`, asked),
    onSuccess: () => queries.invalidateQueries(),
  });
}

export type Saving = ReturnType<typeof useSaving>;

interface SaveProps {
  saving: Saving;
  /** Why it is not to be pressed: nothing was changed, or something is wrong. */
  disabled: boolean;
  save: (why: string) => void;
}

/** The button, with the reason that goes into the audit trail. */
export function Save({ saving, disabled, save }: SaveProps) {
  const { t } = useSpeech();
  const [why, setWhy] = useState("");
  return (
    <>
      <label className="visually-hidden" htmlFor="save-why">
        {t.content.saveWhy}
      </label>
      <input id="save-why" className="words" placeholder={t.content.saveWhy} value={why} onChange={(event) => setWhy(event.target.value)} />
      <button type="button" className="button" disabled={disabled || saving.isPending} onClick={() => save(why.trim())}>
        {t.content.save}
      </button>
    </>
  );
}

/** What became of it. */
export function SavedLine({ saving }: { saving: Saving }) {
  const { t } = useSpeech();
  const { data, error } = saving;
  const refused = error instanceof ApiError ? (t.content.saveRefused[error.code] ?? error.message) : error?.message;
  const done = data && (data.status === "applied" ? t.content.saved(data.file) : t.content.unchanged);
  return (
    <p role="status" className={refused ? "outcome is-bad" : done ? "outcome is-good" : "visually-hidden"}>
      {refused ?? done ?? ""}
    </p>
  );
}
