import type { Trait } from "../api/types.ts";
import { useSpeech } from "../i18n/language.tsx";
import { Simulated } from "../ui/Simulated.tsx";
import { Empty } from "../ui/States.tsx";
import { ValueView } from "../ui/ValueView.tsx";

export function Traits({ traits }: { traits: Trait[] }) {
  const { t } = useSpeech();
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
          <TraitRow key={trait.name} trait={trait} />
        ))}
      </tbody>
    </table>
  );
}

function TraitRow({ trait }: { trait: Trait }) {
  const { t, label } = useSpeech();
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
        </span>
        {about ? <span className="trait-about">{about}</span> : null}
      </th>
      <td>
        <ValueView value={trait.value} type={trait.type} unit={trait.unit} />
        {trait.estimate ? <span className="estimate">{t.traits.estimate}</span> : null}
      </td>
    </tr>
  );
}
