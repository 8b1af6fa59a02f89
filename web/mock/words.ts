/** The definitions of the made-up retailer: labels, stages, audiences, traits, offers. */
import type { Names } from "../src/api/names.ts";
import type { AudienceSummary, StageCount, Text } from "../src/api/types.ts";

export const STAGES: StageCount[] = [
  { name: "aware", label: { ko: "인지", en: "Aware" }, people: 118, ordering_people: 0, orders: 0, revenue: [] },
  { name: "interested", label: { ko: "관심", en: "Interested" }, people: 203, ordering_people: 0, orders: 0, revenue: [] },
  { name: "considering", label: { ko: "고려", en: "Considering" }, people: 164, ordering_people: 0, orders: 0, revenue: [] },
  { name: "near_purchase", label: { ko: "구매 임박", en: "Near purchase" }, people: 96, ordering_people: 0, orders: 0, revenue: [] },
  { name: "customer", label: { ko: "구매 고객", en: "Customer" }, people: 742, ordering_people: 0, orders: 0, revenue: [] },
  { name: "loyal", label: { ko: "단골", en: "Loyal" }, people: 611, ordering_people: 0, orders: 0, revenue: [] },
  { name: "advocate", label: { ko: "추천 고객", en: "Advocate" }, people: 88, ordering_people: 0, orders: 0, revenue: [] },
  { name: "lapsing", label: { ko: "이탈 조짐", en: "Lapsing" }, people: 447, ordering_people: 0, orders: 0, revenue: [] },
];

export const AUDIENCES: AudienceSummary[] = [
  {
    name: "big_baskets",
    label: { ko: "장바구니가 큰 고객", en: "Big baskets" },
    size: 431,
    sentence: {
      ko: "평균 장바구니 금액이 $60.00 이상이고 최근 30일 장바구니 수가 3 이상",
      en: "average basket is at least $60.00 and baskets in 30 days is at least 3",
    },
    condition: "basket_mean >= 60 AND baskets_30d >= 3",
  },
  {
    name: "slipping",
    label: { ko: "발길이 뜸해진 고객", en: "Slipping away" },
    size: 266,
    sentence: {
      ko: "장바구니 수가 20 이상이고 최근 30일 장바구니 수가 0",
      en: "baskets is at least 20 and baskets in 30 days is 0",
    },
    condition: "baskets >= 20 AND baskets_30d = 0",
  },
  {
    name: "coupon_fans",
    label: { ko: "쿠폰을 즐겨 쓰는 고객", en: "Coupon lovers" },
    size: 159,
    sentence: { ko: "최근 90일 쿠폰 사용 수가 2 이상", en: "coupon redemptions in 90 days is at least 2" },
    condition: "redemptions_90d >= 2",
  },
  {
    name: "rainy_day_shoppers",
    label: { ko: "비 오는 날 장 보는 고객", en: "Rainy-day shoppers" },
    size: 74,
    sentence: {
      ko: "지금 날씨가 rain이고 (가장 자주 가는 매장이 367이거나 최근 방문이 모바일)",
      en: "weather now is rain and (favourite store is 367 or last visit was on mobile)",
    },
    condition: "moment.weather = 'rain' AND (store_top = '367' OR last_device = 'mobile')",
  },
  {
    name: "silver_households",
    label: { ko: "시니어 가구", en: "Silver households" },
    size: 312,
    sentence: { ko: "연령대가 65+", en: "age band is 65+" },
    condition: "age_band = '65+'",
  },
];

interface OfferWords {
  name: string;
  label: Text;
}

export const OFFERS: [OfferWords, ...OfferWords[]] = [
  { name: "dairy_coupon", label: { ko: "유제품 1달러 쿠폰", en: "$1 off dairy" } },
  { name: "welcome_back", label: { ko: "다시 만나 반가워요 5%", en: "Welcome back 5%" } },
  { name: "bakery_bundle", label: { ko: "빵 묶음 할인", en: "Bakery bundle" } },
  { name: "double_points", label: { ko: "포인트 두 배", en: "Double points" } },
  { name: "weekly_leaflet", label: { ko: "이번 주 전단", en: "This week’s leaflet" } },
];

/** The store `343`, the product `981760` and the campaign `18` of the data have no name in the files. */
export const NAMES: Names = {
  offers: Object.fromEntries(OFFERS.map((one) => [one.name, one.label])),
  creatives: { dairy_coupon: { warm_photo: { ko: "따뜻한 사진", en: "Warm photograph" } } },
  journeys: {
    slipping_away: { ko: "뜸해진 고객 챙기기", en: "Before they slip away" },
    win_back: { ko: "다시 모시기", en: "Win back" },
  },
  campaigns: { "13": { ko: "여름 쿠폰북", en: "Summer coupon book" } },
  products: { "1029743": { ko: "흰 우유 1리터", en: "White milk, one litre" } },
  stores: { "367": { ko: "강변점", en: "Riverside store" }, "406": { ko: "역전점", en: "Station store" } },
};

export const DEPARTMENTS = ["GROCERY", "PRODUCE", "DAIRY", "MEAT", "BAKERY", "DRUG GM", "DELI"] as const;
export const SURNAMES = ["김", "이", "박", "최", "정", "강", "조", "윤", "장", "임"] as const;
export const GIVEN = ["서연", "민준", "지우", "하준", "수아", "도윤", "지안", "예준", "하은", "시우", "은우", "다인"] as const;
export const WESTERN = [
  "Amelia Hart",
  "Noah Fischer",
  "Maya Okafor",
  "Leo Martin",
  "Ivy Chen",
  "Oscar Lund",
  "Nina Rossi",
  "Theo Brandt",
] as const;
