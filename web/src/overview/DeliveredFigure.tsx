import type { Overview, States } from "../api/running.ts";
import type { Text } from "../api/types.ts";
import { BarList } from "../charts/BarList.tsx";
import { Figure } from "../charts/Figure.tsx";
import { type Part, SplitBar } from "../charts/SplitBar.tsx";
import { useSpeech } from "../i18n/language.tsx";
import { CHANNELS } from "../i18n/terms.ts";
import { Empty } from "../ui/States.tsx";

/** States from waiting through reached to not reached, each with its tone. */
const TONES: readonly (readonly [string, string])[] = [
  ["queued", "stage-1"],
  ["sending", "stage-2"],
  ["accepted", "stage-4"],
  ["delivered", "stage-5"],
  ["opened", "stage-6"],
  ["clicked", "stage-7"],
  ["refused", "tone-tan"],
  ["too_late", "tone-note"],
  ["unknown", "tone-rest"],
  ["bounced", "tone-no"],
  ["complained", "tone-no"],
  ["failed", "tone-no"],
];
const REASONS = 4;

/** What became of messages, altogether and by channel, and why some were not sent. */
export function DeliveredFigure({ deliveries }: { deliveries: Overview["deliveries"] }) {
  const { t, format, label, name } = useSpeech();
  if (!deliveries.total) return <Empty title={t.watch.noDeliveries} hint={t.watch.noDeliveriesHint} />;
  const said = (one: { channel: string; label: Text }) => label(one.label, name(CHANNELS, one.channel));
  const parts = (states: States): Part[] =>
    TONES.filter(([state]) => states[state]).map(([state, tone]) => ({
      key: state,
      name: t.decisions.states[state] ?? state,
      count: states[state] ?? 0,
      tone,
    }));
  return (
    <Figure
      name="deliveries"
      title={t.watch.deliveries}
      table={{
        columns: [t.watch.channel, t.watch.what, t.watch.count],
        rows: deliveries.channels.flatMap((one) => parts(one.states).map((part) => [said(one), part.name, part.count])),
      }}
      show={(cell) => (typeof cell === "number" ? format.number(cell) : (cell ?? ""))}
    >
      <SplitBar parts={parts(deliveries.states)} title={t.watch.deliveries} height={14} />
      <h3 className="part-title">{t.watch.byChannel}</h3>
      <ul className="channels">
        {deliveries.channels.map((one) => (
          <li key={one.channel} className="channel">
            <span className="channel-name">{said(one)}</span>
            <SplitBar parts={parts(one.states)} title={said(one)} height={8} legend={false} />
            <span className="channel-count">{format.number(Object.values(one.states).reduce((sum, n) => sum + n, 0))}</span>
          </li>
        ))}
      </ul>
      {deliveries.refusals.length ? (
        <>
          <h3 className="part-title">{t.watch.notSentWhy}</h3>
          <BarList
            tone="tone-tan"
            bars={deliveries.refusals
              .slice(0, REASONS)
              .map((one) => ({ key: one.code, name: label(one.label, one.code), count: one.count }))}
          />
        </>
      ) : null}
    </Figure>
  );
}
