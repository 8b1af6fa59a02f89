import { Link } from "@tanstack/react-router";
import type { Consent, Evidence, Identifier, Person } from "../api/types.ts";
import { useSpeech } from "../i18n/language.tsx";
import { CHANNELS } from "../i18n/terms.ts";
import { Simulated } from "../ui/Simulated.tsx";
import { Empty } from "../ui/States.tsx";
import { Cut, Merge } from "./Acts.tsx";

export function Identities({ person }: { person: Person }) {
  const { t } = useSpeech();
  if (!person.identifiers.length) return <Empty title={t.identities.empty} hint={t.identities.emptyHint} />;
  return (
    <>
      <section className="group-of-cards">
        <div className="part-head">
          <h2 className="part-title">{t.identities.identifiers}</h2>
          <Merge person={person} />
        </div>
        <ul className="identifiers">
          {person.identifiers.map((one) => (
            <li key={`${one.type}:${one.value}`} className="identifier">
              <IdentifierView of={one} />
            </li>
          ))}
        </ul>
      </section>
      <section className="group-of-cards">
        <h2 className="part-title">{t.identities.evidence}</h2>
        {person.evidence.length ? <EvidenceList evidence={person.evidence} /> : <p className="part-note">{t.identities.alone}</p>}
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
              <li key={`${one.type}:${one.value}`} className="identifier">
                <IdentifierView of={one} />
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      {person.quarantined.length ? (
        <section className="group-of-cards">
          <h2 className="part-title">{t.identities.quarantined}</h2>
          <p className="part-note">{t.identities.quarantinedHint}</p>
          <EvidenceList evidence={person.quarantined} held />
        </section>
      ) : null}
    </>
  );
}

function IdentifierView({ of }: { of: Identifier }) {
  const { label } = useSpeech();
  return (
    <>
      <span className="identifier-type">{label(of.label, of.type)}</span>
      <code className="identifier-value">{of.value}</code>
    </>
  );
}

function EvidenceList({ evidence, held = false }: { evidence: readonly Evidence[]; held?: boolean }) {
  return (
    <ul className="evidence">
      {evidence.map((one) => (
        <li
          key={[one.a.type, one.a.value, one.b.type, one.b.value, one.source, one.kind].join("|")}
          className={held ? "proof is-held" : "proof"}
        >
          <Proof of={one} held={held} />
        </li>
      ))}
    </ul>
  );
}

function Proof({ of, held }: { of: Evidence; held: boolean }) {
  const { t, format } = useSpeech();
  const notes = [
    t.identities.seenTogether(of.source),
    t.identities.kinds[of.kind] ?? of.kind,
    t.identities.trust[of.trust] ?? of.trust,
    of.first_ms !== null ? format.dateTime(of.first_ms) : null,
    of.count !== undefined && of.count > 1 ? t.identities.times(format.number(of.count)) : null,
  ];
  return (
    <>
      <p className="proof-pair">
        <span className="proof-end">
          <IdentifierView of={of.a} />
        </span>
        <span className="proof-link" aria-hidden="true" />
        <span className="visually-hidden"> {t.identities.and} </span>
        <span className="proof-end">
          <IdentifierView of={of.b} />
        </span>
      </p>
      <p className="proof-note">
        {notes.filter(Boolean).join(" · ")}
        {held ? null : <Cut of={of} />}
      </p>
      {of.reason ? <HeldBack of={of} /> : null}
    </>
  );
}

/** Why a statement joins nobody, and whom it would have reached. */
function HeldBack({ of }: { of: Evidence }) {
  const { t, format } = useSpeech();
  const say = t.identities.heldBack[of.reason ?? ""];
  const limit = of.limit === undefined || of.limit === null ? "–" : format.number(of.limit);
  return (
    <p className="proof-reason">
      {say ? say(of.type ?? "", limit) : of.reason}
      {of.other_person ? (
        <>
          {" "}
          <Link to="/people/$id" params={{ id: of.other_person }} search={(now) => now} className="text-link">
            {t.identities.otherPerson}
          </Link>
        </>
      ) : null}
    </p>
  );
}

function ConsentItem({ consent }: { consent: Consent }) {
  const { t, format, name } = useSpeech();
  const granted = consent.status === "granted";
  const said = granted ? t.identities.granted : consent.status === "withdrawn" ? t.identities.withdrawn : consent.status;
  return (
    <li className="consent">
      <span className={granted ? "verdict is-true" : "verdict is-false"}>{said}</span>
      <span className="consent-what">
        {name(CHANNELS, consent.channel)} · {consent.purpose}
      </span>
      {consent.simulated ? <Simulated what={t.simulated.event} /> : null}
      <span className="card-note">{[format.dateTime(consent.at_ms), consent.source, consent.proof].filter(Boolean).join(" · ")}</span>
    </li>
  );
}
