import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { ApiError, post } from "../api/client.ts";
import { letterQuery } from "../api/queries.ts";
import type { DeadLetter, Submitted } from "../api/running.ts";
import { useSpeech } from "../i18n/language.tsx";
import { Fault, InEnglish } from "../ui/Fault.tsx";
import { Empty, Failed, Waiting } from "../ui/States.tsx";
import { useSourceName } from "../ui/useSourceName.ts";
import { useUnsaved } from "../ui/useUnsaved.ts";
import { EventEditor } from "./EventEditor.tsx";
import { eventFault } from "./eventFault.ts";

export function LetterDetail({ id }: { id: string }) {
  const { t } = useSpeech();
  const letter = useQuery(letterQuery(id));
  return (
    <section className="data-detail letter" aria-label={t.letters.one}>
      <Link to="/data/rejected" search={(now) => ({ ...now, letter: undefined })} className="back">
        <span aria-hidden="true">←</span> {t.letters.back}
      </Link>
      {letter.isPending ? <Waiting lines={6} tall /> : null}
      {letter.error && !letter.data ? <Missing error={letter.error} retry={() => void letter.refetch()} /> : null}
      {letter.data ? <Letter letter={letter.data} /> : null}
    </section>
  );
}

function Missing({ error, retry }: { error: Error; retry: () => void }) {
  const { t } = useSpeech();
  if (error instanceof ApiError && error.status === 404) return <Empty title={t.letters.gone} hint={t.letters.goneHint} />;
  return <Failed error={error} retry={retry} />;
}

function textOf(letter: DeadLetter): string {
  return letter.event ? JSON.stringify(letter.event, null, 2) : letter.raw;
}

function Letter({ letter }: { letter: DeadLetter }) {
  const { t, format, label } = useSpeech();
  const sourceName = useSourceName();
  return (
    <>
      <header className="detail-head">
        <h2 className="detail-title">{label(letter.text, letter.code)}</h2>
        <code className="tag">{letter.code}</code>
      </header>
      {letter.detail ? (
        <div className="letter-detail">
          <InEnglish text={letter.detail} />
        </div>
      ) : null}
      <p className="part-note is-under">
        {[letter.id, t.timeline.via(sourceName(letter.source)), t.letters.received(format.dateTime(letter.received_at))].join(" · ")}
      </p>
      {letter.status === "waiting" ? <Mend letter={letter} /> : <Done letter={letter} />}
    </>
  );
}

/** Sent again before: it can be read, and that is all. */
function Done({ letter }: { letter: DeadLetter }) {
  const { t } = useSpeech();
  return (
    <>
      <p className="outcome is-good" role="status">
        {t.letters.wasReplayed}
      </p>
      <EventEditor text={textOf(letter)} fault={null} readOnly />
    </>
  );
}

function Mend({ letter }: { letter: DeadLetter }) {
  const { t } = useSpeech();
  const came = textOf(letter);
  const [text, setText] = useState(came);
  const queries = useQueryClient();
  const fault = eventFault(text);
  const changed = text !== came;
  const replay = useMutation({
    mutationFn: (event: unknown) =>
      post<Submitted>(`/v1/dead-letters/${encodeURIComponent(letter.id)}/replay`, event === null ? {} : { event }),
    onSuccess: async (told) => {
      if (told.status === "applied") await queries.invalidateQueries();
    },
  });
  const busy = replay.isPending;
  useUnsaved(changed && replay.data?.status !== "applied");
  return (
    <form
      className="mend"
      onSubmit={(event) => {
        event.preventDefault();
        if (!fault?.blocks) replay.mutate(JSON.parse(text));
      }}
    >
      <EventEditor text={text} fault={fault} onChange={setText} />
      <div className="mend-tools">
        <button type="submit" className="button is-main" disabled={busy || !changed || Boolean(fault?.blocks)}>
          {busy ? t.letters.sending : t.letters.sendCorrected}
        </button>
        <button type="button" className="button" disabled={busy} onClick={() => replay.mutate(null)}>
          {t.letters.sendAsItCame}
        </button>
        <button type="button" className="quiet" disabled={!changed} onClick={() => setText(came)}>
          {t.letters.reset}
        </button>
      </div>
      <Outcome told={replay.data} error={replay.error} />
    </form>
  );
}

/** What became of the attempt, in words. */
function Outcome({ told, error }: { told: Submitted | undefined; error: Error | null }) {
  const { t, format, label } = useSpeech();
  if (error)
    return (
      <div className="outcome is-bad" role="alert">
        <Fault error={error} />
      </div>
    );
  if (!told) return <p className="outcome-hint">{t.letters.once}</p>;
  if (told.status === "applied")
    return (
      <p className="outcome is-good" role="status">
        {told.offset === null ? t.letters.accepted : t.letters.acceptedAt(format.number(told.offset))}
      </p>
    );
  return (
    <div className="outcome is-bad" role="alert">
      {t.letters.again} {label(told.text, told.reason)}
      {told.detail ? ": " : null}
      <InEnglish text={told.detail} />
    </div>
  );
}
