/** Funnels and figures of the made-up company. */

import type { Funnel, Kpi } from "../src/api/types.ts";

export const FUNNELS: Funnel[] = [
  {
    name: "campaign_to_redemption",
    label: { ko: "캠페인 수신에서 쿠폰 사용까지", en: "From campaign to redemption" },
    by: "properties.campaign_type",
    simulated: false,
    lake_offset: 1_481_000,
    steps: [
      { event: "Campaign Delivered", label: { ko: "캠페인 수신", en: "Campaign received" }, people: 1559 },
      { event: "Order Completed", label: { ko: "캠페인 중 구매", en: "Bought while it ran" }, people: 1483 },
      { event: "Coupon Redeemed", label: { ko: "쿠폰 사용", en: "Coupon redeemed" }, people: 410 },
    ],
    groups: [
      { value: "Type A", steps: [1513, 1440, 372] },
      { value: "Type B", steps: [967, 901, 128] },
      { value: "Type C", steps: [427, 398, 61] },
    ],
  },
  {
    name: "browse_to_basket",
    label: { ko: "둘러보기에서 장바구니까지", en: "From browsing to basket" },
    by: null,
    simulated: true,
    lake_offset: 1_481_000,
    groups: [],
    steps: [
      { event: "$page", label: { ko: "페이지 방문", en: "Visited a page" }, people: 880 },
      { event: "Product Viewed", label: { ko: "상품 조회", en: "Viewed a product" }, people: 612 },
      { event: "Product Added", label: { ko: "장바구니 담기", en: "Added to basket" }, people: 244 },
      { event: "Order Completed", label: { ko: "주문", en: "Ordered" }, people: 131 },
    ],
  },
];

export const KPIS: Kpi[] = [
  { name: "baskets", label: { ko: "장바구니", en: "Baskets" }, value: 155_848, unit: "orders", amounts: [], left_out: 0, simulated: false },
  {
    name: "revenue",
    label: { ko: "매출", en: "Revenue" },
    value: { minor: 458_873_942, currency: "USD" },
    unit: "USD",
    amounts: [],
    left_out: 0,
    simulated: false,
  },
  {
    name: "items",
    label: { ko: "판매 품목", en: "Items sold" },
    value: 1_469_307,
    unit: "items",
    amounts: [],
    left_out: 0,
    simulated: false,
  },
  {
    name: "redemptions",
    label: { ko: "쿠폰 사용", en: "Redemptions" },
    value: 2_102,
    unit: "coupons",
    amounts: [],
    left_out: 0,
    simulated: false,
  },
];
