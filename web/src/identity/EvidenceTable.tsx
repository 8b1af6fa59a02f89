import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import type { Identifier } from "../api/types.ts";
import { PROOFS } from "../app/search.ts";
import { useSpeech } from "../i18n/language.tsx";
import { ScrollBox } from "../ui/ScrollBox.tsx";
import { useSourceName } from "../ui/useSourceName.ts";
import { ProofActs } from "./Acts.tsx";
import { HeldText } from "./HeldText.tsx";
import { More, useListed } from "./More.tsx";
import { chosen, type Proof, refOf } from "./proofs.ts";

/** Statements listed at first. */
const ROWS = 25;

/** Every statement with its source, date, trust and state, and what undoes it. */
export function EvidenceTable({ proofs }: { proofs: readonly Proof[] }) {
  const { t } = useSpeech();
  const { proofs: status = "all", mark } = useSearch({ from: "/people/$id" });
  const found = chosen(proofs, status, mark);
  const [listed, more] = useListed(found, ROWS);
  const { columns } = t.identities;
  return (
    <>
      <Filters proofs={proofs} />
      {found.length ? (
        <ScrollBox label={t.identities.evidence}>
          <table className="table proofs">
            <caption className="visually-hidden">{t.identities.evidence}</caption>
            <thead>
              <tr>
                <th scope="col">{columns.pair}</th>
                <th scope="col">{columns.status}</th>
                <th scope="col">{columns.source}</th>
                <th scope="col">{columns.trust}</th>
                <th scope="col">{columns.since}</th>
                <th scope="col" className="is-number">
                  {columns.count}
                </th>
                <th scope="col">{columns.act}</th>
              </tr>
            </thead>
            <tbody>
              {listed.map((proof) => (
                <Row key={proof.key} proof={proof} />
              ))}
            </tbody>
          </table>
          {more ? <More show={more} /> : null}
        </ScrollBox>
      ) : (
        <p className="part-note">{t.identities.none}</p>
      )}
    </>
  );
}

function Filters({ proofs }: { proofs: readonly Proof[] }) {
  const { t, format } = useSpeech();
  const { proofs: status = "all", mark } = useSearch({ from: "/people/$id" });
  const navigate = useNavigate();
  const marked = proofs.flatMap(({ of }) => [of.a, of.b]).find((one) => refOf(one) === mark);
  const count = (one: (typeof PROOFS)[number]) => chosen(proofs, one, mark).length;
  return (
    <div className="proof-filters">
      <label className="visually-hidden" htmlFor="proofs">
        {t.identities.show}
      </label>
      <select
        id="proofs"
        className="select is-small"
        value={status}
        onChange={(event) => {
          const next = PROOFS.find((one) => one === event.target.value && one !== "all");
          void navigate({ to: ".", search: (now) => ({ ...now, proofs: next }), replace: true, resetScroll: false });
        }}
      >
        {PROOFS.map((one) => (
          <option key={one} value={one}>
            {`${t.identities.shows[one]} (${format.number(count(one))})`}
          </option>
        ))}
      </select>
      {marked ? (
        <span className="proof-marked" role="status">
          {t.identities.onlyOf(marked.value)}{" "}
          <Link to="." search={(now) => ({ ...now, mark: undefined })} className="text-link" resetScroll={false}>
            {t.identities.everything}
          </Link>
        </span>
      ) : null}
    </div>
  );
}

function Row({ proof }: { proof: Proof }) {
  const { t, format } = useSpeech();
  const sourceName = useSourceName();
  const { of, status } = proof;
  return (
    <tr className={status === "accepted" ? "proof" : `proof is-${status}`}>
      <th scope="row">
        <End of={of.a} />
        <span className="visually-hidden"> {t.identities.and} </span>
        <End of={of.b} />
      </th>
      <td>
        <span className={status === "accepted" ? "verdict is-true" : status === "held" ? "gate" : "verdict is-false"}>
          {t.identities.shows[status]}
        </span>
        {of.reason ? (
          <span className="proof-why">
            <HeldText reason={of.reason} type={of.type ?? ""} limit={of.limit ?? null} />
          </span>
        ) : null}
        {of.other_person ? (
          <Link
            to="/people/$id"
            params={{ id: of.other_person }}
            search={(now) => ({ ...now, mark: undefined, proofs: undefined })}
            className="text-link"
          >
            {t.identities.otherPerson}
          </Link>
        ) : null}
      </td>
      <td>
        {sourceName(of.source)}
        <span className="proof-kind">{t.identities.kinds[of.kind] ?? of.kind}</span>
      </td>
      <td>{t.identities.trust[of.trust] ?? of.trust}</td>
      <td>{of.first_ms !== null ? <time dateTime={new Date(of.first_ms).toISOString()}>{format.dateTime(of.first_ms)}</time> : "–"}</td>
      <td className="is-number">{format.number(of.count ?? 1)}</td>
      <td>
        <ProofActs proof={proof} />
      </td>
    </tr>
  );
}

function End({ of }: { of: Identifier }) {
  const { label } = useSpeech();
  return (
    <span className="proof-end">
      <span className="identifier-type">{label(of.label, of.type)}</span>
      <code className="identifier-value">{of.value}</code>
    </span>
  );
}
