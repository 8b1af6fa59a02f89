import type { Catalogue } from "./en.ts";
import type { resultsEn } from "./results.en.ts";

/** 지금 사실인 것과, 한 일의 결과에 대한 한국어. */
export const resultsKo: Pick<Catalogue, keyof typeof resultsEn> = {
  now: {
    title: "지금 이 순간",
    all: (n) => `사실 ${n}개 모두 보기: 출처, 시각, 확실한 정도`,
    fact: "사실",
    value: "값",
    source: "출처",
    observed: "관측",
    confidence: "확실한 정도",
    was: (what) => `알 수 없음 (전에는 ${what})`,
    unsure: (share) => `확실한 정도 ${share}`,
    none: "지금 이 고객에 대해 알려진 것이 없습니다.",
    sources: {
      behaviour: "행동",
      calendar: "달력",
      clock: "시계",
      emotion: "고객이 쓴 글",
      rule: "규칙",
      workspace: "작업 공간 기본값",
    },
  },
  results: {
    campaigns: "캠페인",
    campaign: "캠페인",
    period: "기간",
    reached: "받은 고객",
    ordering: "그중 주문한 고객",
    orders: "주문",
    revenue: "매출",
    redemptions: "사용한 혜택",
    noCampaigns: "아직 캠페인이 없습니다",
    noCampaignsHint: "데이터나 작업 공간의 파일에 캠페인이 있으면, 누가 받았고 무엇을 주문했는지 여기에 나타납니다.",
    offers: "결정한 오퍼",
    offersNote: "오퍼를 몇 번, 몇 명에게 골랐는지 봅니다. 효과를 측정하려고 남겨 둔 홀드아웃 고객에게는 기본값을 보여 줍니다.",
    place: "위치",
    offer: "오퍼",
    decisions: "결정",
    people: "고객",
    total: "합계",
    nothing: "보여 주지 않음",
    policies: "학습 정책",
    deciding: (when) => `${when}부터 결정합니다`,
    learning: "배우기만 합니다",
    learningWhy: "지금 방식보다 낫다는 판정이 아직 없습니다. gyeol policy evaluate로 판정을 받을 수 있습니다.",
    learned: (n) => `의사결정 ${n}건에서 배웠습니다`,
  },
  leaving: {
    unsaved: "저장하지 않은 내용이 있습니다. 그래도 나갈까요?",
  },
};
