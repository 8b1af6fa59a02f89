import { useState } from "react";
import type { Consent, Identifier, Person } from "../api/types.ts";
import { useSpeech } from "../i18n/language.tsx";
import { CHANNELS } from "../i18n/terms.ts";
import { PURPOSES } from "../i18n/values.ts";
import { Simulated } from "../ui/Simulated.tsx";
import { Empty } from "../ui/States.tsx";
import { Merge, Move, Split } from "./Acts.tsx";
import { EvidenceTable } from "./EvidenceTable.tsx";
import { GoldenValues } from "./GoldenValues.tsx";
import { IdentityGraph } from "./IdentityGraph.tsx";
import { More, useListed } from "./More.tsx";
import { proofsOf, refOf } from "./proofs.ts";
import "./identity.css";
import { useSourceName } from "../ui/useSourceName.ts";

/** Identifiers listed at first. */
const CARDS = 12;

/** Who the person is, why, and how to undo what is wrong about it. */
export function IdentityTab({ person }: { person: Person }) {
  const { t } = useSpeech();
  if (!person.identifiers.length) return <Empty title={t.identities.empty} hint={t.identities.emptyHint} />;
  const proofs = proofsOf(person);
  return (
    <>
      <Identifiers person={person} />
      {person.golden.length ? <GoldenValues golden={person.golden} /> : null}
      <section className="group-of-cards">
        <h2 className="part-title">{t.identities.evidence}</h2>
        {proofs.length ? (
          <>
            <IdentityGraph person={person} proofs={proofs} />
            <EvidenceTable proofs={proofs} />
          </>
        ) : (
          <p className="part-note">{t.identities.alone}</p>
        )}
      </section>
      {person.consents.length ? (
        <section className="group-of-cards">
          <h2 className="part-title">{t.identities.consents}</h2>
          <ul className="consents">
            {person.consents.map((one) => (
              <ConsentItem key={`${one.channel}|${one.purpose}`} consent={one} />
            ))}
          </ul>
        </section>
      ) : null}
      {person.shared.length ? (
        <section className="group-of-cards">
          <h2 className="part-title">{t.identities.shared}</h2>
          <p className="part-note">{t.identities.sharedHint}</p>
          <ul className="identifiers">
            {person.shared.map((one) => (
              <li key={refOf(one)} className="identifier">
                <Value of={one} />
              </li>
            ))}
          </ul>
        </section>
      ) : null}
    </>
  );
}

/** The identifiers; some of them can be chosen and split off. */
function Identifiers({ person }: { person: Person }) {
  const { t, label } = useSpeech();
  const [picked, setPicked] = useState<readonly string[]>([]);
  const several = person.identifiers.length > 1;
  const golden = new Set(person.golden.map((one) => one.id));
  const chosen = person.identifiers.filter((one) => picked.includes(refOf(one)));
  const [listed, more] = useListed(person.identifiers, CARDS);
  const pick = (ref: string) => setPicked(picked.includes(ref) ? picked.filter((one) => one !== ref) : [...picked, ref]);
  return (
    <section className="group-of-cards">
      <div className="part-head">
        <h2 className="part-title">{t.identities.identifiers}</h2>
        <span className="part-tools">
          {chosen.length && chosen.length < person.identifiers.length ? <Split chosen={chosen} done={() => setPicked([])} /> : null}
          <Merge person={person} />
        </span>
      </div>
      <ul className="identifiers">
        {listed.map((one) => (
          <li key={refOf(one)} className="identifier">
            <Value of={one} />
            <span className="identifier-tools">
              {golden.has(refOf(one)) ? <span className="tag">{t.identities.goldenMark}</span> : null}
              {several ? <Move of={one} /> : null}
              {several ? (
                <input
                  type="checkbox"
                  className="identifier-pick"
                  aria-label={t.acts.choose(`${label(one.label, one.type)} ${one.value}`)}
                  checked={picked.includes(refOf(one))}
                  onChange={() => pick(refOf(one))}
                />
              ) : null}
            </span>
          </li>
        ))}
      </ul>
      {more ? <More show={more} /> : null}
    </section>
  );
}

function Value({ of }: { of: Identifier }) {
  const { label } = useSpeech();
  return (
    <span>
      <span className="identifier-type">{label(of.label, of.type)}</span>
      <code className="identifier-value">{of.value}</code>
    </span>
  );
}

function ConsentItem({ consent }: { consent: Consent }) {
  const { t, format, name } = useSpeech();
  const sourceName = useSourceName();
  const granted = consent.status === "granted";
  const said = granted ? t.identities.granted : consent.status === "withdrawn" ? t.identities.withdrawn : consent.status;
  return (
    <li className="consent">
      <span className={granted ? "verdict is-true" : "verdict is-false"}>{said}</span>
      <span className="consent-what">
        {name(CHANNELS, consent.channel)} · <span title={consent.purpose}>{name(PURPOSES, consent.purpose)}</span>
      </span>
      {consent.simulated ? <Simulated what={t.simulated.event} /> : null}
      <span className="card-note">
        {[format.dateTime(consent.at_ms), sourceName(consent.source), consent.proof].filter(Boolean).join(" · ")}
      </span>
    </li>
  );
}
