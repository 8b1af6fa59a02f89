import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { decisionsQuery } from "../api/queries.ts";
import type { Decision, Refusal } from "../api/types.ts";
import { useSpeech } from "../i18n/language.tsx";
import { CHANNELS } from "../i18n/terms.ts";
import { Empty, Failed, Waiting } from "../ui/States.tsx";
import { useNames } from "../ui/useNames.ts";
import { FactsView } from "../ui/ValueView.tsx";
import { Learned } from "./Learned.tsx";
import { Messages } from "./Messages.tsx";
import { ReasonText } from "./ReasonText.tsx";

/** What a cause begins with where a journey asked. */
const JOURNEY = "journey:";

/** What was decided for the person, and what was written to them. */
export function Decisions({ id }: { id: string }) {
  return (
    <>
      <DecisionList id={id} />
      <Messages id={id} />
    </>
  );
}

function DecisionList({ id }: { id: string }) {
  const { t } = useSpeech();
  const decisions = useQuery(decisionsQuery(id));
  if (decisions.isPending) return <Waiting lines={6} tall />;
  if (decisions.isError && !decisions.data) return <Failed error={decisions.error} retry={() => void decisions.refetch()} />;
  if (!decisions.data.length) return <Empty title={t.decisions.empty} hint={t.decisions.emptyHint} />;
  return (
    <ol className="cards">
      {decisions.data.map((decision) => (
        <li key={decision.id}>
          <DecisionCard decision={decision} />
        </li>
      ))}
    </ol>
  );
}

/** `journey:cart_left` as “journey ‘Left cart’”, with the code as its tooltip. */
function Cause({ of }: { of: string }) {
  const { t } = useSpeech();
  const { nameOf } = useNames();
  const said = of.startsWith(JOURNEY) ? t.decisions.journey(nameOf("journeys", of.slice(JOURNEY.length))) : of;
  return <span title={of}>{t.decisions.cause(said)}</span>;
}

function DecisionCard({ decision }: { decision: Decision }) {
  const { t, format, label, name } = useSpeech();
  const { creativeOf } = useNames();
  const pointed = useSearch({ strict: false }).decision === decision.id;
  const card = useRef<HTMLElement>(null);
  useEffect(() => {
    if (pointed) card.current?.scrollIntoView({ block: "center" });
  }, [pointed]);
  const chosen = decision.chosen === null ? t.decisions.nothing : label(decision.chosen_label, decision.chosen);
  return (
    <article
      ref={card}
      className={pointed ? "card decision is-pointed" : "card decision"}
      aria-label={`${label(decision.placement_label, decision.placement)}: ${chosen}`}
    >
      <p className="decision-when">
        <time dateTime={new Date(decision.at_ms).toISOString()}>{format.dateTime(decision.at_ms)}</time>
        <span>{label(decision.placement_label, decision.placement)}</span>
        {decision.cause && decision.cause !== "request" ? <Cause of={decision.cause} /> : null}
      </p>
      <p className="decision-chosen">
        <span className={decision.chosen === null ? "offer is-none" : "offer"}>{chosen}</span>
        {decision.fallback ? <span className="tag">{t.decisions.fallback}</span> : null}
        {decision.holdout ? <span className="tag">{t.decisions.holdout}</span> : null}
        {decision.creative ? (
          <span className="tag" title={decision.creative}>
            {t.decisions.creative(creativeOf(decision.chosen ?? "", decision.creative))}
          </span>
        ) : null}
        {decision.channel ? <span className="tag">{name(CHANNELS, decision.channel)}</span> : null}
        {decision.hour !== null ? <span className="tag">{t.decisions.hour(format.number(decision.hour))}</span> : null}
        {decision.explored ? <span className="tag">{t.decisions.explored}</span> : null}
      </p>
      {decision.reasons.length ? (
        <ul className="reasons">
          {decision.reasons.map((reason) => (
            <li key={reason.code + JSON.stringify(reason.params)}>
              <ReasonText reason={reason} />
            </li>
          ))}
        </ul>
      ) : null}
      {decision.outcome ? (
        <p className="card-note is-good">
          {t.decisions.outcome} <time dateTime={new Date(decision.outcome.at).toISOString()}>{format.dateTime(decision.outcome.at)}</time>
        </p>
      ) : null}
      <Learned decision={decision} />
      <Refusals refusals={decision.refusals} />
      <details className="decision-moment">
        <summary>{t.decisions.moment}</summary>
        <FactsView facts={decision.moment} />
        {decision.used.length ? (
          <p className="card-note">
            {t.decisions.used} {format.list(decision.used.map((one) => `${label(one.label, one.name)} ${label(one.text, "")}`))}
          </p>
        ) : null}
        {decision.propensity < 1 ? <p className="card-note">{t.decisions.propensity(format.share(decision.propensity))}</p> : null}
      </details>
    </article>
  );
}

function Refusals({ refusals }: { refusals: Refusal[] }) {
  const { t, format, label, name } = useSpeech();
  const { creativeOf } = useNames();
  if (!refusals.length) return <p className="card-note">{t.decisions.noRefusal}</p>;
  return (
    <div className="refusals">
      <h3 className="refusals-title">
        {t.decisions.refusals} <span className="view-count">{format.number(refusals.length)}</span>
      </h3>
      <ul className="refusal-list">
        {refusals.map((one) => (
          <li key={[one.offer, one.creative, one.channel, one.hour].join(" ")} className="refusal">
            <span className="refusal-offer" title={[one.offer, one.creative].filter(Boolean).join(" · ")}>
              {[
                label(one.offer_label, one.offer),
                one.creative ? creativeOf(one.offer, one.creative) : null,
                one.channel ? name(CHANNELS, one.channel) : null,
                one.hour === null || one.hour === undefined ? null : `${one.hour}:00`,
              ]
                .filter(Boolean)
                .join(" · ")}
            </span>
            <span className={one.gate === "rank" ? "gate is-rank" : "gate"}>{t.decisions.gates[one.gate] ?? one.gate}</span>
            <span className="refusal-why">
              <ReasonText reason={one.reason} />
            </span>
            {one.score !== null ? (
              <span className="refusal-score">
                {t.decisions.score} {format.number(one.score)}
              </span>
            ) : null}
          </li>
        ))}
      </ul>
    </div>
  );
}
