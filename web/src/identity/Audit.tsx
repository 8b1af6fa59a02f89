import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { AuditEntry } from "../api/identity.ts";
import { auditQuery } from "../api/queries.ts";
import { useSpeech } from "../i18n/language.tsx";
import { ColumnHeads } from "../ui/ColumnHeads.tsx";
import { NextPage } from "../ui/NextPage.tsx";
import { ScrollBox } from "../ui/ScrollBox.tsx";
import { Empty, Failed, Waiting } from "../ui/States.tsx";
import { usePageTitle } from "../ui/usePageTitle.ts";
import { useSourceName } from "../ui/useSourceName.ts";
import { PairButton } from "./Acts.tsx";

/** Who did what by hand, when and why; what joined or cut two identifiers can be undone from here. */
export function Audit() {
  const { t } = useSpeech();
  usePageTitle(`${t.nav.identity} – ${t.queues.audit}`);
  const found = useInfiniteQuery(auditQuery);
  if (found.isPending) return <Waiting lines={6} tall />;
  if (found.isError && !found.data) return <Failed error={found.error} retry={() => void found.refetch()} />;
  const entries = found.data.pages.flatMap((page) => page.entries);
  if (!entries.length) return <Empty title={t.audit.none} hint={t.audit.noneHint} />;
  const columns = [t.audit.at, t.audit.what, t.audit.whom, t.audit.why, t.audit.by, t.identities.columns.act];
  return (
    <>
      <ScrollBox label={t.queues.audit}>
        <table className="table audit">
          <caption className="visually-hidden">{t.queues.audit}</caption>
          <ColumnHeads names={columns} />
          <tbody>
            {entries.map((entry) => (
              <Row key={entry.offset} entry={entry} />
            ))}
          </tbody>
        </table>
      </ScrollBox>
      <NextPage of={found} />
    </>
  );
}

function Row({ entry }: { entry: AuditEntry }) {
  const { t, format, label } = useSpeech();
  const sourceName = useSourceName();
  return (
    <tr>
      <td>
        <time dateTime={new Date(entry.at).toISOString()}>{format.dateTime(entry.at)}</time>
      </td>
      <th scope="row" title={entry.kind}>
        {t.audit.kinds[entry.kind] ?? entry.kind}
      </th>
      <td>
        {entry.identifiers.map(({ node, identifier, person }) => (
          <Link
            key={node}
            to="/people/$id"
            params={{ id: person }}
            search={(now) => ({ lang: now.lang, view: "identities" })}
            className="text-link audit-whom"
          >
            {label(identifier.label, identifier.type)} {identifier.value}
          </Link>
        ))}
      </td>
      <td>{entry.why || "–"}</td>
      <td title={entry.by}>{sourceName(entry.by)}</td>
      <td>
        <Undo entry={entry} />
      </td>
    </tr>
  );
}

/** Offers the opposite of what joined two identifiers, or cut them, where that still stands. */
function Undo({ entry: { kind, identifiers } }: { entry: AuditEntry }) {
  const [a, b] = identifiers;
  if (!a || !b || identifiers.length > 2) return null;
  const together = a.person === b.person;
  if (kind === "merge" && together) return <PairButton kind="cut" a={a.identifier} b={b.identifier} />;
  if (kind === "cut" && !together) return <PairButton kind="restore" a={a.identifier} b={b.identifier} />;
  return null;
}
