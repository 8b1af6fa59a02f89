import { useQuery } from "@tanstack/react-query";
import { actedQuery, campaignsQuery } from "../api/queries.ts";
import type { Campaign, CampaignsAnswer, Decided } from "../api/results.ts";
import { BarList } from "../charts/BarList.tsx";
import type { Cell } from "../charts/csv.ts";
import { Figure } from "../charts/Figure.tsx";
import { useSpeech } from "../i18n/language.tsx";
import { Empty, Failed, Waiting } from "../ui/States.tsx";
import { usePeriodStart } from "./period.ts";

/** Offers drawn; the table has all. */
const BARS = 8;

/** Whom campaigns reached and what those people ordered meanwhile; not an effect, and it says so. */
export function CampaignsPanel() {
  const { t } = useSpeech();
  const found = useQuery(campaignsQuery);
  if (found.isPending) return <Waiting lines={4} />;
  if (found.isError) return <Failed error={found.error} retry={() => void found.refetch()} />;
  if (!found.data.campaigns.length) return <Empty title={t.results.noCampaigns} hint={t.results.noCampaignsHint} />;
  return <CampaignsFigure answer={found.data} />;
}

function CampaignsFigure({ answer }: { answer: CampaignsAnswer }) {
  const { t, format, label } = useSpeech();
  const money = (one: Campaign) => one.revenue.map(format.money).join(" · ") || "–";
  const named = (one: Campaign) => label(one.label, one.name);
  const r = t.results;
  return (
    <Figure
      name="campaigns"
      title={r.campaigns}
      table={{
        columns: [r.campaign, r.period, r.reached, r.ordering, r.orders, r.revenue, r.redemptions],
        rows: answer.campaigns.map((one): Cell[] => [
          named(one),
          [one.starts, one.ends].filter(Boolean).join(" – "),
          one.delivered_people,
          one.ordering_people,
          one.orders,
          money(one),
          one.redemptions,
        ]),
      }}
      show={(cell) => (typeof cell === "number" ? format.number(cell) : cell || "–")}
    >
      <BarList
        bars={answer.campaigns
          .toSorted((a, b) => b.delivered_people - a.delivered_people)
          .slice(0, BARS)
          .map((one) => ({
            key: one.name,
            name: named(one),
            note: `${r.ordering} ${format.number(one.ordering_people)} · ${money(one)}`,
            count: one.delivered_people,
          }))}
      />
      <p className="part-note is-under">{label(answer.note, "")}</p>
    </Figure>
  );
}

/** Which offers were chosen, where and for how many. */
export function OffersPanel() {
  const { t } = useSpeech();
  const from = usePeriodStart();
  const found = useQuery(actedQuery(from));
  if (found.isPending) return <Waiting lines={4} />;
  if (found.isError) return <Failed error={found.error} retry={() => void found.refetch()} />;
  if (!found.data.length) return <Empty title={t.watch.noDecisions} hint={t.decisions.emptyHint} />;
  return <OffersFigure decided={found.data} />;
}

function OffersFigure({ decided }: { decided: readonly Decided[] }) {
  const { t, format, label } = useSpeech();
  const r = t.results;
  const offer = (one: Decided) => (one.offer === null ? r.nothing : label(one.offer_label, one.offer));
  const kind = (one: Decided) => (one.holdout ? t.decisions.holdout : one.fallback ? t.decisions.fallback : "");
  const rows = decided.toSorted((a, b) => b.decisions - a.decisions);
  const total = decided.reduce((sum, one) => sum + one.decisions, 0);
  return (
    <Figure
      name="offers"
      title={r.offers}
      table={{
        columns: [r.offer, r.place, t.watch.kind, r.decisions, r.people],
        rows: [
          ...rows.map((one): Cell[] => [offer(one), label(one.placement_label, one.placement), kind(one), one.decisions, one.people]),
          // The same people are in several rows, so only decisions add up.
          [r.total, "", "", total, null],
        ],
      }}
      show={(cell) => (typeof cell === "number" ? format.number(cell) : cell || "–")}
    >
      <BarList
        bars={rows.slice(0, BARS).map((one) => ({
          key: [one.placement, one.offer, one.fallback, one.holdout].join(" "),
          name: offer(one),
          note: [label(one.placement_label, one.placement), kind(one), t.people.count(format.number(one.people))]
            .filter(Boolean)
            .join(" · "),
          count: one.decisions,
        }))}
      />
      <p className="part-note is-under">{r.offersNote}</p>
    </Figure>
  );
}
