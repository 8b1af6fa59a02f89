/** What is true of somebody now; what was decided, and what came of campaigns. */
import type { CampaignsAnswer, Decided, MomentAnswer, MomentFact, Policy } from "../src/api/results.ts";
import type { Person } from "../src/api/types.ts";
import { NOW_MS } from "./people.ts";

const HOUR_MS = 3_600_000;

const fact = (name: string, ko: string, en: string, last: MomentFact["last"], more: Partial<MomentFact> = {}) => ({
  name: `moment.${name}`,
  label: { ko, en },
  value: more.stale ? null : last,
  last,
  said: {},
  source: "clock",
  observed_at: NOW_MS,
  received_at: NOW_MS,
  age_s: 0,
  ttl_s: null,
  until: null,
  confidence: 1,
  stale: false,
  origin: "live",
  about: null,
  ...more,
});

export function momentOf(person: Person): MomentAnswer & { id: string } {
  const facts = [
    fact("cart_product", "마지막으로 담은 상품", "product last put in the cart", "1029743", { source: "behaviour" }),
    fact("daypart", "시간대", "part of the day", "morning", { said: { ko: "아침", en: "morning" } }),
    fact("emotion_trend", "요즘 감정", "emotion lately", -0.31, {
      source: "emotion",
      observed_at: NOW_MS - 60 * HOUR_MS,
      age_s: 216_000,
      confidence: 0.62,
    }),
    fact("intent", "의도", "intent", "buy", { said: { ko: "구매", en: "buy" }, source: "behaviour", stale: true }),
    fact("open_complaint", "해결되지 않은 불만", "open complaint", false, { source: "emotion" }),
    fact("tone", "어울리는 말투", "the tone to speak in", "careful", {
      said: { ko: "조심스럽게", en: "careful" },
      source: "rule",
    }),
    fact("weather", "날씨", "weather", "rain", { said: { ko: "비", en: "rain" }, source: "open_meteo" }),
    fact("zone", "시간대 지역", "time zone", "Asia/Seoul", { source: "workspace", confidence: 0.5 }),
  ];
  return { id: person.id, at: NOW_MS, zone: "Asia/Seoul", facts };
}

export const CAMPAIGNS: CampaignsAnswer = {
  campaigns: [
    {
      name: "13",
      label: { ko: "여름 쿠폰북", en: "Summer coupon book" },
      kind: "Type A",
      starts: "2017-08-08",
      ends: "2017-09-26",
      delivered_people: 1077,
      ordering_people: 993,
      orders: 9120,
      revenue: [{ minor: 31_244_010, currency: "USD" }],
      redemptions: 654,
      redeeming_people: 214,
    },
    {
      name: "27",
      label: {},
      kind: "Type C",
      starts: "2018-02-08",
      ends: null,
      delivered_people: 0,
      ordering_people: 0,
      orders: 0,
      revenue: [],
      redemptions: 0,
      redeeming_people: 0,
    },
  ],
  causal: false,
  note: { ko: "캠페인의 효과를 뜻하지 않습니다.", en: "Not its effect." },
  lake_offset: 1_481_000,
} as CampaignsAnswer;

const HOME = { placement: "home", placement_label: { ko: "첫 화면", en: "Home page" } };
export const DECIDED: Decided[] = [
  {
    ...HOME,
    offer: "dairy",
    offer_label: { ko: "유제품 할인", en: "Dairy discount" },
    fallback: false,
    holdout: false,
    decisions: 1210,
    people: 604,
  },
  { ...HOME, offer: "news", offer_label: { ko: "새 소식", en: "News" }, fallback: true, holdout: true, decisions: 130, people: 81 },
  { ...HOME, offer: null, offer_label: {}, fallback: false, holdout: false, decisions: 1, people: 1 },
];

export const POLICIES: Policy[] = [
  {
    name: "taste",
    label: { ko: "취향 학습", en: "Learned taste" },
    placements: ["home"],
    verdict: null,
    since: null,
    learned: { dairy: 812.4, bakery: 31 },
    warmed: [
      { source: "lake", hash: "w_1", rows: 1840, counted: 601.2, weight: 0.5, at: NOW_MS - 72 * HOUR_MS },
      { source: "2025.csv", hash: "w_2", rows: 1, counted: 1, weight: 1, at: NOW_MS - 24 * HOUR_MS },
    ],
    ended: { verdict: "v_3", at: NOW_MS - 24 * HOUR_MS, reason: "warmed" },
  },
  {
    name: "hour",
    label: { ko: "시각 학습", en: "Learned hour" },
    placements: ["home"],
    verdict: "v_7",
    since: NOW_MS - 48 * HOUR_MS,
    learned: {},
    warmed: [],
    ended: null,
  },
];
