import { useQuery } from "@tanstack/react-query";
import { statusQuery } from "../api/queries.ts";
import type { Instant, Trait } from "../api/types.ts";
import { useSpeech } from "../i18n/language.tsx";
import { EVENTS } from "../i18n/terms.ts";
import { Simulated } from "../ui/Simulated.tsx";
import { Empty } from "../ui/States.tsx";
import { ValueView } from "../ui/ValueView.tsx";

export function Traits({ traits }: { traits: Trait[] }) {
  const { t } = useSpeech();
  const now = useQuery(statusQuery).data?.engine_now ?? null;
  if (!traits.length) return <Empty title={t.traits.empty} hint={t.traits.emptyHint} />;
  return (
    <table className="traits">
      <caption className="visually-hidden">{t.profile.tabs.traits}</caption>
      <thead className="visually-hidden">
        <tr>
          <th scope="col">{t.traits.label}</th>
          <th scope="col">{t.traits.value}</th>
        </tr>
      </thead>
      <tbody>
        {traits.map((trait) => (
          <TraitRow key={trait.name} trait={trait} now={now} />
        ))}
      </tbody>
    </table>
  );
}

function TraitRow({ trait, now }: { trait: Trait; now: Instant | null }) {
  const { t, format, label, name } = useSpeech();
  const said = label(trait.label, trait.name);
  const about = label(trait.description, "");
  return (
    <tr>
      <th scope="row">
        <span className="trait-label">
          {said}
          {trait.simulated ? <Simulated what={t.simulated.trait} /> : null}
        </span>
        <span className="trait-under">
          {said !== trait.name ? <code>{trait.name}</code> : null}
          <span>{t.traits.kinds[trait.kind] ?? trait.kind}</span>
          {trait.source?.length ? <span>{t.traits.from(format.list(trait.source.map((one) => name(EVENTS, one))))}</span> : null}
        </span>
        {about ? <span className="trait-about">{about}</span> : null}
      </th>
      <td>
        <ValueView value={trait.value} type={trait.type} unit={trait.unit} of={trait.name} />
        {trait.estimate ? <span className="estimate">{t.traits.estimate}</span> : null}
        <TraitAge trait={trait} now={now} />
      </td>
    </tr>
  );
}

/** When an event changed it last, and how long ago that is by the engine's clock. */
function TraitAge({ trait, now }: { trait: Trait; now: Instant | null }) {
  const { t, format } = useSpeech();
  const at = trait.updated_at;
  if (at === null || at === undefined) return null;
  return (
    <time className="trait-age" dateTime={new Date(at).toISOString()} title={format.dateTime(at)}>
      {now === null ? format.dateTime(at) : t.traits.changed(format.relative(at, now))}
    </time>
  );
}
