import type { AudienceOfPerson, Trait } from "../api/types.ts";
import { useSpeech } from "../i18n/language.tsx";
import { Empty } from "../ui/States.tsx";
import { Compared } from "./Compared.tsx";

export function Audiences({ audiences, traits }: { audiences: AudienceOfPerson[]; traits: Trait[] }) {
  const { t, format } = useSpeech();
  if (!audiences.length) return <Empty title={t.audiences.empty} hint={t.audiences.emptyHint} />;
  const members = audiences.filter((one) => one.member);
  const others = audiences.filter((one) => !one.member);
  return (
    <>
      {members.length ? <Group title={t.audiences.members(format.number(members.length))} audiences={members} traits={traits} /> : null}
      {others.length ? <Group title={t.audiences.others(format.number(others.length))} audiences={others} traits={traits} /> : null}
    </>
  );
}

function Group({ title, audiences, traits }: { title: string; audiences: AudienceOfPerson[]; traits: Trait[] }) {
  return (
    <section className="group-of-cards">
      <h2 className="part-title">{title}</h2>
      <ul className="cards">
        {audiences.map((one) => (
          <li key={one.name}>
            <AudienceCard audience={one} traits={traits} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function AudienceCard({ audience, traits }: { audience: AudienceOfPerson; traits: Trait[] }) {
  const { t, format, label } = useSpeech();
  return (
    <section className={audience.member ? "card is-in" : "card is-out"}>
      <p className="card-head">
        <span className={audience.member ? "verdict is-true" : "verdict is-false"}>
          {audience.member === null ? t.audiences.unknown : audience.member ? t.audiences.in : t.audiences.out}
        </span>
        <span className="card-name">{label(audience.label, audience.name)}</span>
        {audience.member && audience.since !== null ? (
          <span className="card-note">{t.audiences.since(format.dateTime(audience.since))}</span>
        ) : null}
      </p>
      <p className="card-sentence">{label(audience.sentence, audience.name)}</p>
      {audience.explained ? <Compared explained={audience.explained} traits={traits} /> : null}
    </section>
  );
}
