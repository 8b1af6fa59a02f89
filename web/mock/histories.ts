/** Timelines and decisions of the made-up people. */
import type { Decision, Message, Person, Refusal, TimelineEvent } from "../src/api/types.ts";
import { DAY_MS, PEOPLE, pick } from "./people.ts";
import { DEPARTMENTS, OFFERS } from "./words.ts";

export function timelineOf(person: Person): TimelineEvent[] {
  const i = PEOPLE.indexOf(person);
  const events: TimelineEvent[] = [];
  let at = Number(person.last_seen);
  for (let n = 0; n < 34 + (i % 30); n++) {
    events.push({ ...eventAt(i, n, at), offset: i * 1000 + 999 - n, traits: {} });
    at -= Math.floor(pick(i, 200 + n) ** 2 * 6 * DAY_MS) + 240_000;
  }
  return events;
}

/** Events without what all have in common. */
type Told = Omit<TimelineEvent, "offset" | "traits">;

function eventAt(i: number, n: number, time: number): Told {
  const kind = pick(i, 300 + n);
  if (kind < 0.5) {
    const paid = Math.round(800 + pick(i, 400 + n) * 9000);
    const lines = 1 + Math.floor(pick(i, 500 + n) * 22);
    const store = String([367, 406, 343][n % 3]);
    return {
      time,
      name: "Order Completed",
      type: "track",
      source: "till",
      channel: "store",
      summary: { revenue: { minor: paid, currency: "USD" }, products: lines, store },
      properties: {
        order_id: `40${(i * 1000 + n).toString().padStart(9, "0")}`,
        revenue: { minor: paid, currency: "USD" },
        discount: { minor: Math.round(paid * 0.12), currency: "USD" },
        store_id: store,
        products: [
          { product_id: "1029743", department: "GROCERY", brand: "National", quantity: 1, price: { minor: 350, currency: "USD" } },
          {
            product_id: "981760",
            department: "PASTRY",
            brand: "Private",
            quantity: 2,
            price: { minor: Math.max(paid - 350, 0), currency: "USD" },
          },
        ],
        departments: DEPARTMENTS.slice(n % 4, (n % 4) + 3),
      },
      simulated: false,
    };
  }
  if (kind < 0.62)
    return {
      time,
      name: "Coupon Redeemed",
      type: "track",
      source: "till",
      channel: "store",
      summary: { coupon: "10000085425", campaign: "18" },
      properties: { coupon_upc: "10000085425", campaign_id: "18", campaign_type: "Type A" },
      simulated: false,
    };
  if (kind < 0.72)
    return {
      time,
      name: "Campaign Delivered",
      type: "track",
      source: "campaigns",
      channel: "mail",
      summary: { campaign: "18", campaign_type: "Type A" },
      properties: { campaign_id: "18", campaign_type: "Type A" },
      simulated: false,
    };
  if (kind < 0.88)
    return {
      time,
      name: "Product Viewed",
      type: "track",
      source: "web",
      channel: "web",
      summary: { product: "FLUID MILK WHITE ONLY", department: "DAIRY" },
      properties: { product_id: "1029743", url: "/dairy/milk" },
      simulated: true,
    };
  return {
    time,
    name: "Offers",
    type: "page",
    source: "web",
    channel: "web",
    summary: {},
    properties: { path: "/offers", referrer: "" },
    simulated: true,
  };
}

function refusals(i: number, n: number): Refusal[] {
  return [
    {
      offer: "welcome_back",
      offer_label: { ko: "다시 만나 반가워요 5%", en: "Welcome back 5%" },
      gate: "eligibility",
      reason: {
        code: "not_eligible",
        params: { found: 4, wanted: 0 },
        text: { ko: "최근 30일 장바구니 수가 4라서 조건(0)에 맞지 않습니다", en: "Baskets in 30 days is 4; the offer wants 0" },
      },
      score: null,
    },
    {
      offer: "bakery_bundle",
      offer_label: { ko: "빵 묶음 할인", en: "Bakery bundle" },
      gate: "consent",
      reason: {
        code: "no_consent",
        params: { channel: "email", purpose: "promotion" },
        text: { ko: "이메일 프로모션 수신에 동의하지 않았습니다", en: "No consent to promotion by e-mail" },
      },
      score: null,
    },
    {
      offer: "double_points",
      offer_label: { ko: "포인트 두 배", en: "Double points" },
      gate: "offer_cap",
      reason: {
        code: "cap_reached",
        params: { used: 2, cap: 2, window: "7d" },
        text: { ko: "최근 7일 동안 이미 2번 보여 주었습니다 (한도 2)", en: "Shown 2 times in 7 days already (cap 2)" },
      },
      score: null,
    },
    {
      offer: "weekly_leaflet",
      offer_label: { ko: "이번 주 전단", en: "This week’s leaflet" },
      gate: "rank",
      reason: {
        code: "outranked",
        params: { winner: "dairy_coupon" },
        text: { ko: "유제품 1달러 쿠폰의 점수가 더 높습니다", en: "“$1 off dairy” scored higher" },
      },
      score: Math.round(pick(i, 700 + n) * 100) / 100,
    },
  ];
}

export function decisionsOf(person: Person): Decision[] {
  const i = PEOPLE.indexOf(person);
  if (i % 5 === 4) return [];
  return Array.from({ length: 1 + (i % 3) }, (_, n): Decision => {
    const holdout = n === 2;
    const offer = OFFERS[0];
    return {
      id: `d-${i}-${n}`,
      placement: n % 2 ? "till_receipt" : "home_hero",
      placement_label: n % 2 ? { ko: "영수증", en: "Till receipt" } : { ko: "첫 화면", en: "Home page" },
      at_ms: Number(person.last_seen) - n * 3 * DAY_MS,
      chosen: holdout ? null : offer.name,
      chosen_label: offer.label,
      fallback: n === 1,
      holdout,
      cause: n % 2 ? "journey:slipping_away" : "request",
      reasons: holdout
        ? [
            {
              code: "holdout",
              params: { share: 0.1 },
              text: {
                ko: "효과를 재려고 일부러 아무것도 보여 주지 않는 10%에 속합니다",
                en: "In the 10 % who are shown nothing, so that the effect can be measured",
              },
            },
          ]
        : [
            {
              code: "best_score",
              params: { score: 1.84 },
              text: { ko: "남은 후보 가운데 점수가 가장 높습니다 (1.84)", en: "Highest score of those left (1.84)" },
            },
          ],
      refusals: refusals(i, n),
      moment: { weather: "rain", daypart: "evening", device: "mobile", temperature: 4.5 },
      propensity: n ? 1 : 0.62,
      creative: n ? null : "warm_photo",
      channel: null,
      hour: null,
      policy: n ? null : "taste",
      explored: false,
      contributions: n
        ? []
        : [
            { feature: "hot_day", value: 1, chosen: 0.31, runner_up: 0.08 },
            { feature: "price_sensitive", value: 0.4, chosen: 0.02, runner_up: 0.07 },
          ],
      used: [
        {
          name: "baskets_30d",
          label: { ko: "최근 30일 장바구니", en: "Baskets in 30 days" },
          value: 4,
          text: { ko: "4", en: "4" },
          source: [],
        },
      ],
      outcome: n ? null : { at: Number(person.last_seen), value: 1 },
      person: person.id,
      catalogue: "1",
      definitions: "5c1f0a9be2d34f7781aa0c4d5e6f7a8b",
    };
  });
}

export function messagesOf(person: Person): Message[] {
  const i = PEOPLE.indexOf(person);
  if (i % 5 === 4) return [];
  const message = {
    journey: "win_back",
    channel: "mail_house",
    address: "m…@example.com",
    offer: "dairy_coupon",
    content: { language: "en", title: "A dollar off dairy", body: "This week in your store.", coupon: "DAIRY1" },
    placement: "weekly_mail",
    message_class: "advertising",
    attempts: 1,
    decision: null,
    expires_at: Number(person.last_seen) + DAY_MS,
    purpose: "offers",
    simulated: true,
  };
  const at = Number(person.last_seen);
  const licence = {
    label: "",
    local_hour: "10:05",
    rules: ["us_email_advertising"],
    consent: { status: "granted", source: "crm", at_ms: at - 90 * DAY_MS },
    caps: { offer_cap: { count: 0, cap: 1, window: "30d" } },
    checked_at_ms: at,
  };
  const quiet = {
    code: "quiet_hours",
    params: { local_time: "21:40" },
    text: { ko: "야간 전송 제한 시간입니다: 고객의 현지 시각 21:40", en: "Quiet hours: it is 21:40 where the person is" },
  };
  return [
    { ...message, send_key: `m-${i}-0`, state: "accepted", reason: null, queued_at: at, changed_at: at + 4_000, licence },
    { ...message, send_key: `m-${i}-1`, state: "refused", reason: quiet, queued_at: at - DAY_MS, changed_at: at - DAY_MS, licence: null },
  ];
}
