/** Korean and English for codes that are values: what facts of the Moment say, and common fields of events and messages. */
import type { Lang } from "../api/types.ts";
import facts from "./facts.json" with { type: "json" };
import { CHANNELS, FIELDS, type Terms, term, termOf } from "./terms.ts";

type Fact = { ko: string; en: string; values?: Terms };

/** What people call the values of the facts that have a fixed set of them, by the fact's name. */
export const FACT_VALUES: Record<string, Terms> = Object.fromEntries(
  Object.entries(facts as Record<string, Fact>).flatMap(([name, { values }]) => (values ? [[name, values]] : [])),
);

/** Categories that shops commonly have; a category that is not here is shown as it came. */
const CATEGORIES: Terms = {
  ade: term("에이드", "ade"),
  coffee: term("커피", "coffee"),
  dessert: term("디저트", "dessert"),
  goods: term("굿즈", "merchandise"),
  latte: term("라떼", "latte"),
  meal: term("식사", "meal"),
  tea: term("차", "tea"),
};

/** Who speaks where no source of the workspace does. */
export const SENDERS: Terms = {
  admin: term("담당자", "a colleague"),
  gyeol: term("결", "Gyeol"),
  crm: term("고객 관리", "customer database"),
  preference_page: term("수신 설정 페이지", "preference page"),
};

export const PURPOSES: Terms = {
  ads: term("광고", "advertising"),
  marketing: term("마케팅", "marketing"),
  offers: term("혜택 안내", "offers"),
  service: term("서비스 안내", "service"),
};

/** Rules of the law that a message was checked against. */
const RULES: Terms = {
  kr_email_advertising: term("한국 이메일 광고", "Korea, advertising by e-mail"),
  kr_sms_advertising: term("한국 문자 광고", "Korea, advertising by SMS"),
  kr_push_advertising: term("한국 앱 푸시 광고", "Korea, advertising by push"),
  kr_kakao_advertising: term("한국 카카오톡 광고", "Korea, advertising by KakaoTalk"),
};

const VALUES: Record<string, Terms> = {
  ...FACT_VALUES,
  category: CATEGORIES,
  channel: CHANNELS,
  currency: { KRW: term("원(KRW)", "won (KRW)"), USD: term("미국 달러(USD)", "US dollar (USD)"), EUR: term("유로(EUR)", "euro (EUR)") },
  channel_preference: CHANNELS,
  purpose: PURPOSES,
  rules: RULES,
  source: SENDERS,
  status: { granted: term("동의함", "granted"), withdrawn: term("철회함", "withdrawn") },
};

/** The words for what stands under a name, if it has any: `properties.category` and `favourite_category` hold categories. */
export function wordsOf(name: string): Terms | undefined {
  const last = name.split(".").at(-1) ?? name;
  return VALUES[last] ?? (last.endsWith("category") ? CATEGORIES : undefined);
}

/** Signs of a visit from which its intent was read, beside counts of actions and the last action. */
export const SIGNS: Terms = {
  steps: term("행동 수", "number of actions"),
  tempo: term("행동 속도", "pace of actions"),
  one_product: term("한 상품만 봄", "one product looked at"),
  many_products: term("여러 상품을 봄", "many products looked at"),
  constant: term("평소의 경향", "what is usual"),
  at_store: term("매장 안에 있음", "in a store"),
  towards_store: term("매장으로 가는 중", "on the way to a store"),
  near_store: term("매장 가까이 있음", "near a store"),
  far_from_stores: term("매장에서 멂", "far from any store"),
  hot_near_store: term("매장 근처가 더움", "hot near the store"),
  cold_near_store: term("매장 근처가 추움", "cold near the store"),
  rain_near_store: term("매장 근처에 비나 눈", "rain or snow near the store"),
  commute_near_store: term("출퇴근길에 매장 근처", "commuting near the store"),
};

const COUNTED = "count.";
const LAST = "last.";

/** A sign as people call it: `count.help` is how often help was opened, `last.help` that it was what came last. */
export function signOf(sign: string, lang: Lang): string {
  const actions = FACT_VALUES.last_action ?? {};
  if (sign.startsWith(COUNTED)) {
    const action = actions[sign.slice(COUNTED.length)]?.[lang];
    return action === undefined ? sign : lang === "ko" ? `${action} 횟수` : `times: ${action}`;
  }
  if (sign.startsWith(LAST)) {
    const action = actions[sign.slice(LAST.length)]?.[lang];
    return action === undefined ? sign : lang === "ko" ? `마지막 행동: ${action}` : `last: ${action}`;
  }
  return SIGNS[sign]?.[lang] ?? termOf(FIELDS, sign, lang);
}

/** What people call a value that stands under a name; the value itself where there is no word for it. */
export function wordFor(name: string, value: string, lang: Lang): string {
  if (name.endsWith("intent_evidence"))
    return value
      .split(", ")
      .map((sign) => signOf(sign, lang))
      .join(", ");
  return wordsOf(name)?.[value]?.[lang] ?? value;
}
