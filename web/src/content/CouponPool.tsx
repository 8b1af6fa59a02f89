import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Coupon, Pool } from "../api/coupons.ts";
import { couponLedgerQuery } from "../api/queries.ts";
import { useSpeech } from "../i18n/language.tsx";
import { ColumnHeads } from "../ui/ColumnHeads.tsx";
import { NextPage } from "../ui/NextPage.tsx";
import { ScrollBox } from "../ui/ScrollBox.tsx";
import { Empty, Failed, Waiting } from "../ui/States.tsx";
import { useNames } from "../ui/useNames.ts";

/** A pool: its terms, and every code with what became of it. */
export function CouponPool({ pool }: { pool: Pool }) {
  const { t, format, label } = useSpeech();
  const money = (minor: number) => format.money({ minor, currency: pool.currency });
  const limitless = pool.codes === "generated" && pool.size === null;
  const until = [
    pool.days === null ? "" : t.coupons.daysLong(format.number(pool.days)),
    pool.valid_until === null ? "" : format.dateTime(pool.valid_until),
  ]
    .filter(Boolean)
    .join(" · ");
  const terms = [
    [t.coupons.worth, pool.amount !== null ? money(pool.amount) : pool.percent !== null ? `${format.number(pool.percent)} %` : "–"],
    [t.coupons.minBasket, pool.min_basket ? money(pool.min_basket) : "–"],
    [t.coupons.until, until || "–"],
    [t.coupons.perPerson, format.number(pool.per_person)],
    [t.coupons.left, limitless ? t.coupons.limitless : format.number(pool.free)],
    [t.coupons.codes, format.number(pool.total)],
    [t.coupons.issuedAt, format.number(pool.issued)],
    [t.coupons.redeemedAt, format.number(pool.redeemed)],
    [t.coupons.revoked, format.number(pool.revoked)],
  ] as const;
  return (
    <section className="data-detail" aria-label={label(pool.label, pool.name)}>
      <Link to="/content/coupons" search={(now) => ({ ...now, pool: undefined })} className="back">
        <span aria-hidden="true">←</span> {t.content.coupons}
      </Link>
      <header className="detail-head">
        <h2 className="detail-title">{label(pool.label, pool.name)}</h2>
      </header>
      <dl className="keys">
        {terms.map(([name, said]) => (
          <div key={name} className="key">
            <dt>{name}</dt>
            <dd>{said}</dd>
          </div>
        ))}
      </dl>
      <Ledger pool={pool.name} />
    </section>
  );
}

function Ledger({ pool }: { pool: string }) {
  const { t } = useSpeech();
  const found = useInfiniteQuery(couponLedgerQuery(pool));
  if (found.isPending) return <Waiting lines={6} />;
  if (found.isError && !found.data) return <Failed error={found.error} retry={() => void found.refetch()} />;
  const coupons = found.data.pages.flatMap((page) => page.coupons);
  if (!coupons.length) return <Empty title={t.coupons.noCodes} hint={t.coupons.noCodesHint} />;
  const columns = [t.coupons.code, t.coupons.state, t.coupons.person, t.coupons.issuedAt, t.coupons.redeemedAt];
  return (
    <>
      <h3 className="setup-title">{t.coupons.ledger}</h3>
      <ScrollBox label={t.coupons.ledger}>
        <table className="ledger">
          <ColumnHeads names={columns} />
          <tbody>
            {coupons.map((one) => (
              <Line key={one.ref} coupon={one} />
            ))}
          </tbody>
        </table>
      </ScrollBox>
      <NextPage of={found} />
    </>
  );
}

function Line({ coupon }: { coupon: Coupon }) {
  const { t, format } = useSpeech();
  const { nameOf } = useNames();
  const at = (when: number | string | undefined) => (when === undefined ? "–" : format.dateTime(when));
  return (
    <tr>
      <td>
        <code>{coupon.masked}</code>
      </td>
      <td>
        {t.coupons.states[coupon.state] ?? coupon.state}
        {coupon.offline ? ` · ${t.coupons.offline}` : ""}
      </td>
      <td>
        {coupon.person ? (
          <Link
            to="/people/$id"
            params={{ id: coupon.person }}
            search={(now) => ({ lang: now.lang })}
            className="text-link"
            title={coupon.person}
          >
            {coupon.person_name || coupon.person.slice(0, 8)}
          </Link>
        ) : (
          "–"
        )}
      </td>
      <td>{at(coupon.issued_at)}</td>
      <td title={coupon.store}>
        {coupon.redeemed_at || !coupon.reversed_at
          ? [at(coupon.redeemed_at), coupon.store ? nameOf("stores", coupon.store) : null].filter(Boolean).join(" · ")
          : t.coupons.reversed(at(coupon.reversed_at))}
      </td>
    </tr>
  );
}
