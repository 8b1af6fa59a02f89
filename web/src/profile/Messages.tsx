import { useQuery } from "@tanstack/react-query";
import { messagesQuery } from "../api/queries.ts";
import type { Message } from "../api/types.ts";
import { useSpeech } from "../i18n/language.tsx";
import { CHANNELS } from "../i18n/terms.ts";
import { Simulated } from "../ui/Simulated.tsx";
import { Failed, Waiting } from "../ui/States.tsx";
import { useNames } from "../ui/useNames.ts";
import { FactsView } from "../ui/ValueView.tsx";
import { ReasonText } from "./ReasonText.tsx";

/** States in which nothing reached the person. */
const NOT_REACHED = new Set(["bounced", "complained", "failed", "unknown", "refused", "too_late"]);

export function Messages({ id }: { id: string }) {
  const { t } = useSpeech();
  const messages = useQuery(messagesQuery(id));
  return (
    <section className="group-of-cards messages">
      <h2 className="part-title">{t.decisions.messages}</h2>
      {messages.isPending ? <Waiting lines={2} /> : null}
      {messages.isError && !messages.data ? <Failed error={messages.error} retry={() => void messages.refetch()} /> : null}
      {messages.data?.length === 0 ? <p className="part-note">{t.decisions.noMessages}</p> : null}
      {messages.data?.length ? (
        <ul>
          {messages.data.map((message) => (
            <MessageItem key={message.send_key} message={message} />
          ))}
        </ul>
      ) : null}
    </section>
  );
}

function MessageItem({ message }: { message: Message }) {
  const { t, format, name } = useSpeech();
  const { nameOf } = useNames();
  const state = t.decisions.states[message.state] ?? message.state;
  return (
    <li className="message">
      <span className={NOT_REACHED.has(message.state) ? "gate" : "verdict is-true"}>{state}</span>
      <span className="message-what" title={message.offer}>
        {typeof message.content.title === "string" ? message.content.title : nameOf("offers", message.offer)}
      </span>
      <span className="tag">{t.decisions.classes[message.message_class] ?? message.message_class}</span>
      {message.simulated ? <Simulated what={t.simulated.event} /> : null}
      <span className="card-note">
        <span title={message.journey}>{t.decisions.journey(nameOf("journeys", message.journey))}</span> ·{" "}
        {[name(CHANNELS, message.channel), t.decisions.to(message.address), format.dateTime(message.queued_at)].join(" · ")}
      </span>
      {message.reason ? (
        <span className="message-why">
          <ReasonText reason={message.reason} />
        </span>
      ) : null}
      {message.licence ? (
        <details className="message-why">
          <summary>{t.decisions.licence}</summary>
          <FactsView facts={message.licence} />
        </details>
      ) : null}
    </li>
  );
}
