import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import type { Pool } from "../api/coupons.ts";
import { couponDoubtsQuery, poolsQuery } from "../api/queries.ts";
import { useSpeech } from "../i18n/language.tsx";
import { ChoiceLine } from "../ui/ChoiceLine.tsx";
import { Empty, Failed, Waiting } from "../ui/States.tsx";
import { usePageTitle } from "../ui/usePageTitle.ts";
import { CouponPool } from "./CouponPool.tsx";

/** Pools of coupons, the ledger of one of them, and what tills accepted that the ledger doubts. */
export function Coupons() {
  const { t } = useSpeech();
  usePageTitle(`${t.nav.content} – ${t.content.coupons}`);
  const found = useQuery(poolsQuery);
  const { pool: chosen } = useSearch({ from: "/content/coupons" });
  if (found.isPending) return <Waiting lines={6} tall />;
  if (found.isError && !found.data) return <Failed error={found.error} retry={() => void found.refetch()} />;
  const { pools } = found.data;
  if (!pools.length) return <Empty title={t.coupons.none} hint={t.coupons.noneHint} />;
  const pool = pools.find((one) => one.name === chosen);
  return (
    <>
      <Doubts />
      <div className={chosen ? "data-columns has-choice" : "data-columns"}>
        <section className="letters" aria-label={t.content.coupons}>
          <ul className="choices">
            {pools.map((one) => (
              <li key={one.name}>
                <PoolChoice pool={one} here={one.name === chosen} />
              </li>
            ))}
          </ul>
        </section>
        {pool ? (
          <CouponPool key={pool.name} pool={pool} />
        ) : chosen ? (
          <Empty title={t.coupons.gone} hint={t.coupons.goneHint} />
        ) : (
          <p className="data-detail part-note letters-hint">{t.coupons.choose}</p>
        )}
      </div>
    </>
  );
}

function PoolChoice({ pool, here }: { pool: Pool; here: boolean }) {
  const { t, format, label } = useSpeech();
  return (
    <ChoiceLine
      to="/content/coupons"
      search={(now) => ({ ...now, pool: pool.name })}
      here={here}
      activeProps={{}}
      resetScroll={false}
      head={label(pool.label, pool.name)}
      tag={pool.codes === "generated" && pool.size === null ? t.coupons.limitless : t.coupons.free(format.number(pool.free))}
      under={t.coupons.done(format.number(pool.issued), format.number(pool.redeemed))}
    />
  );
}

/** What was accepted at a till without a network and cannot stand as it is: with what the till says. */
function Doubts() {
  const { t, format, label } = useSpeech();
  const doubts = useQuery(couponDoubtsQuery).data?.doubts ?? [];
  if (!doubts.length) return null;
  return (
    <details className="doubts">
      <summary>{t.coupons.doubts(format.number(doubts.length))}</summary>
      <ul className="findings">
        {doubts.map((one) => (
          <li key={`${one.till} ${one.sequence}`} className="finding is-warning">
            <span>
              <time dateTime={new Date(one.accepted_at).toISOString()}>{format.dateTime(one.accepted_at)}</time> · {one.till} ·{" "}
              <code>{one.coupon?.masked ?? "–"}</code>
            </span>
            <span className="finding-how">{label(one.text, one.status)}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}
