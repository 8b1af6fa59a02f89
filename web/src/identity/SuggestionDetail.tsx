import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useId, useState } from "react";
import type { Suggestion } from "../api/identity.ts";
import { useSpeech } from "../i18n/language.tsx";
import { give, Told } from "./ActDialog.tsx";
import { Preview } from "./Preview.tsx";
import { useBits, Waterfall } from "./Waterfall.tsx";

type Verdict = "accept" | "reject";

interface DetailProps {
  of: Suggestion;
  /** Called once it is judged, with what held it back: the next one is shown. */
  judged: (held: Held | null) => void;
}

/** Two people, why they may be one, and what becomes of them when somebody says so. */
export function SuggestionDetail({ of, judged }: DetailProps) {
  const { t, format } = useSpeech();
  const bits = useBits();
  return (
    <section className="data-detail suggestion" aria-label={t.queues.two(of.a.name, of.b.name)}>
      <Link to="/identity/suggestions" search={(now) => ({ ...now, suggestion: undefined })} className="back">
        <span aria-hidden="true">←</span> {t.queues.list}
      </Link>
      <header className="detail-head">
        <h2 className="detail-title">{t.queues.two(of.a.name, of.b.name)}</h2>
        <span className="tag">{t.queues.weight(bits(of.weight))}</span>
        <span className="card-note">{t.queues.probability(format.share(of.probability))}</span>
      </header>
      <ul className="two">
        {[of.a, of.b].map((side) => (
          <li key={side.identifier.id} className="identifier">
            <Link to="/people/$id" params={{ id: side.person }} search={(now) => ({ lang: now.lang })} className="text-link">
              {side.name}
            </Link>
            <code className="identifier-value">{side.identifier.value}</code>
          </li>
        ))}
      </ul>
      {of.by_servers ? null : <p className="part-note">{t.queues.client}</p>}
      <Waterfall of={of} />
      <Judge of={of} judged={judged} />
    </section>
  );
}

function Judge({ of, judged }: DetailProps) {
  const { t } = useSpeech();
  const [verdict, setVerdict] = useState<Verdict | null>(null);
  const queries = useQueryClient();
  const done = useMutation({
    mutationFn: ({ kind, why }: { kind: Verdict; why: string }) => give({ kind, suggestion: of.id }, why),
    onSuccess: async (told) => {
      if (told.status !== "applied") return;
      judged(heldOf(told.facts));
      await queries.invalidateQueries();
    },
  });
  return (
    <div className="judge">
      <p className="judge-tools">
        {(["accept", "reject"] as const).map((kind) => (
          <button
            key={kind}
            type="button"
            className={verdict === kind ? "button is-main" : "button"}
            aria-pressed={verdict === kind}
            aria-keyshortcuts={kind === "accept" ? "a" : "r"}
            data-key={kind === "accept" ? "a" : "r"}
            onClick={() => setVerdict(kind)}
          >
            {t.queues[kind]}{" "}
            <span className="judge-key" aria-hidden="true">
              {kind === "accept" ? "a" : "r"}
            </span>
          </button>
        ))}
      </p>
      {verdict ? (
        <Reason
          key={verdict}
          kind={verdict}
          of={of}
          pending={done.isPending}
          submit={(why) => done.mutate({ kind: verdict, why })}
          cancel={() => setVerdict(null)}
        />
      ) : null}
      <Told told={done.data} error={done.error} />
    </div>
  );
}

interface ReasonProps {
  kind: Verdict;
  of: Suggestion;
  pending: boolean;
  submit: (why: string) => void;
  cancel: () => void;
}

/** Why, and what will change; Escape takes it back. */
function Reason({ kind, of, pending, submit, cancel }: ReasonProps) {
  const { t } = useSpeech();
  const id = useId();
  const [why, setWhy] = useState("");
  return (
    <form
      className="judge-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (why.trim()) submit(why.trim());
      }}
      onKeyDown={(event) => {
        if (event.key === "Escape") cancel();
      }}
    >
      {kind === "accept" ? <Preview act={{ kind: "accept", suggestion: of.id }} /> : <p className="part-note">{t.queues.rejected}</p>}
      <label className="dialog-field" htmlFor={id}>
        <span>{t.acts.why}</span>
      </label>
      <div className="judge-line">
        <input
          id={id}
          className="input"
          value={why}
          onChange={(event) => setWhy(event.target.value)}
          required
          placeholder={t.acts.whyHint}
          ref={(field) => field?.focus()}
        />
        <button type="submit" className="button is-main" disabled={!why.trim() || pending}>
          {t.queues[kind]}
        </button>
      </div>
    </form>
  );
}

export interface Held {
  reason: string;
  type: string;
  limit: number | null;
}

/** Why an accepted suggestion joined nobody; null when it did. */
function heldOf(facts: Readonly<Record<string, unknown>>): Held | null {
  const { held } = facts;
  return typeof held === "object" && held !== null && "reason" in held ? (held as Held) : null;
}
