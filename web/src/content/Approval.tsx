import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { post } from "../api/client.ts";
import type { ContentRow } from "../api/contents.ts";
import type { Submitted } from "../api/running.ts";
import { useSpeech } from "../i18n/language.tsx";

const STEPS = [
  { step: "submit", role: "author", from: "draft" },
  { step: "approve", role: "approver", from: "review" },
  { step: "return", role: "approver", from: "" },
] as const;
type Step = (typeof STEPS)[number];

/** Draft, review, approved: each step is taken by somebody by name, of exactly the words that are shown here. */
export function Approval({ row }: { row: ContentRow }) {
  const { t, label } = useSpeech();
  const [by, setBy] = useState("");
  const [why, setWhy] = useState("");
  const queries = useQueryClient();
  const done = useMutation({
    mutationFn: ({ step, role }: Step) =>
      post<Submitted>(`/v1/contents/${encodeURIComponent(row.name)}/${step}`, {
        by: by.trim(),
        role,
        why: why.trim(),
        version: row.version,
      }),
    onSuccess: () => queries.invalidateQueries(),
  });
  const steps = STEPS.filter(({ step, from }) => (step === "return" ? row.state !== "draft" : row.state === from));
  return (
    <form className="approval" onSubmit={(event) => event.preventDefault()}>
      <h3 className="setup-title">{t.content.approval}</h3>
      <p className="part-note">{t.content.approvalHint}</p>
      <div className="part-tools">
        <label className="visually-hidden" htmlFor="approval-by">
          {t.content.by}
        </label>
        <input id="approval-by" className="words" placeholder={t.content.by} value={by} onChange={(event) => setBy(event.target.value)} />
        <label className="visually-hidden" htmlFor="approval-why">
          {t.content.why}
        </label>
        <input
          id="approval-why"
          className="words"
          placeholder={t.content.why}
          value={why}
          onChange={(event) => setWhy(event.target.value)}
        />
        {steps.map((one) => (
          <button key={one.step} type="button" className="button" disabled={!by.trim() || done.isPending} onClick={() => done.mutate(one)}>
            {t.content.steps[one.step]}
          </button>
        ))}
      </div>
      <p role="status" className={done.data && done.data.status !== "applied" ? "outcome is-bad" : "part-note"}>
        {done.error ? done.error.message : done.data ? label(done.data.text, done.data.reason || done.data.status) : ""}
      </p>
    </form>
  );
}
