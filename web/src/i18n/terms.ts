/** Korean and English for names that come out of data: events of the Segment spec, channels, common fields, facts, units. */
import type { Lang } from "../api/types.ts";

export type Term = Record<Lang, string>;
export type Terms = Record<string, Term>;

const term = (ko: string, en: string): Term => ({ ko, en });

/** Names of events as they arrive; unknown ones are shown as they are. */
export const EVENTS: Terms = {
  "Order Completed": term("구매", "Order completed"),
  "Order Refunded": term("환불", "Order refunded"),
  "Order Cancelled": term("주문 취소", "Order cancelled"),
  "Checkout Started": term("결제 시작", "Checkout started"),
  "Cart Viewed": term("장바구니 보기", "Cart viewed"),
  "Product Added": term("장바구니 담기", "Product added"),
  "Product Removed": term("장바구니에서 빼기", "Product removed"),
  "Product Viewed": term("상품 조회", "Product viewed"),
  "Product List Viewed": term("상품 목록 조회", "Product list viewed"),
  "Products Searched": term("상품 검색", "Products searched"),
  "Coupon Entered": term("쿠폰 입력", "Coupon entered"),
  "Coupon Applied": term("쿠폰 적용", "Coupon applied"),
  "Coupon Redeemed": term("쿠폰 사용", "Coupon redeemed"),
  "Campaign Delivered": term("캠페인 수신", "Campaign delivered"),
  "Email Opened": term("이메일 열람", "E-mail opened"),
  "Email Link Clicked": term("이메일 링크 클릭", "E-mail link clicked"),
  "Consent Changed": term("수신 동의 변경", "Consent changed"),
  "Signed Up": term("회원 가입", "Signed up"),
  "Signed In": term("로그인", "Signed in"),
  $identify: term("고객 정보 갱신", "Details updated"),
  $page: term("페이지 방문", "Page viewed"),
  $screen: term("앱 화면 방문", "Screen viewed"),
  $group: term("소속 변경", "Group joined"),
  $alias: term("식별자 연결", "Identifiers linked"),
};

export const CHANNELS: Terms = {
  app: term("앱", "app"),
  call_centre: term("콜센터", "call centre"),
  crm: term("고객 관리", "customer database"),
  email: term("이메일", "e-mail"),
  kakao: term("카카오톡", "KakaoTalk"),
  mail: term("우편", "mail"),
  push: term("푸시", "push"),
  sms: term("문자", "SMS"),
  store: term("매장", "store"),
  till: term("계산대", "till"),
  web: term("웹", "web"),
};

/** Fields of events and facts of the moment. */
export const FIELDS: Terms = {
  age: term("연령대", "Age"),
  campaign: term("캠페인", "Campaign"),
  campaign_type: term("캠페인 유형", "Campaign type"),
  channel: term("채널", "Channel"),
  city: term("도시", "City"),
  coupon: term("쿠폰", "Coupon"),
  coupon_discount: term("쿠폰 할인", "Coupon discount"),
  currency: term("통화", "Currency"),
  daypart: term("시간대", "Time of day"),
  department: term("매장 코너", "Department"),
  device: term("기기", "Device"),
  discount: term("할인", "Discount"),
  ends: term("종료", "Ends"),
  hour: term("시각", "Hour"),
  holiday_name: term("공휴일 이름", "Name of the holiday"),
  holiday: term("공휴일", "Holiday"),
  home_ownership: term("주거 형태", "Home ownership"),
  household_comp: term("가구 구성", "Household"),
  household_size: term("가구원 수", "Household size"),
  income: term("소득", "Income"),
  item_count: term("품목 수", "Items"),
  kids_count: term("자녀 수", "Children"),
  main_department: term("주요 코너", "Main department"),
  main_product: term("주요 상품", "Main product"),
  marital_status: term("혼인 상태", "Marital status"),
  order_id: term("주문 번호", "Order"),
  path: term("경로", "Path"),
  total: term("합계", "Total"),
  page: term("페이지", "Page"),
  campaign_id: term("캠페인 번호", "Campaign"),
  email: term("이메일", "E-mail"),
  caps: term("횟수 제한", "Caps"),
  consent: term("수신 동의", "Consent"),
  holdout: term("홀드아웃", "Holdout"),
  label: term("표시 문구", "Label"),
  local_hour: term("현지 시각", "Local time"),
  rules: term("법규 규칙", "Rules"),
  source: term("출처", "Source"),
  offer_cap: term("오퍼 횟수", "Offer cap"),
  placement_cap: term("위치 횟수", "Placement cap"),
  at_ms: term("시각", "At"),
  checked_at_ms: term("확인 시각", "Checked at"),
  simulated: term("가상", "Simulated"),
  count: term("횟수", "Count"),
  cap: term("한도", "Cap"),
  window: term("기간", "Window"),
  share: term("비율", "Share"),
  held_out: term("홀드아웃 대상", "Held out"),
  price: term("가격", "Price"),
  product: term("상품", "Product"),
  product_id: term("상품 번호", "Product"),
  products: term("상품", "Products"),
  proof: term("증빙", "Proof"),
  purpose: term("목적", "Purpose"),
  quantity: term("수량", "Quantity"),
  referrer: term("유입 경로", "Referrer"),
  revenue: term("결제 금액", "Paid"),
  season: term("계절", "Season"),
  status: term("상태", "Status"),
  store: term("매장", "Store"),
  temperature: term("기온", "Temperature"),
  title: term("제목", "Title"),
  url: term("주소", "Address"),
  weather: term("날씨", "Weather"),
  weekday: term("요일", "Weekday"),
  weekend: term("주말", "Weekend"),
};

export const UNITS: Terms = {
  adds: term("회", "adds"),
  campaigns: term("회", "campaigns"),
  coupons: term("장", "coupons"),
  days: term("일", "days"),
  departments: term("곳", "departments"),
  items: term("개", "items"),
  mailings: term("통", "mailings"),
  orders: term("건", "orders"),
  pages: term("쪽", "pages"),
  people: term("명", "people"),
  products: term("개", "products"),
  views: term("회", "views"),
  visits: term("회", "visits"),
};

/** What facts of the moment say, by the fact's name. */
export const VALUES: Record<string, Terms> = {
  daypart: {
    dawn: term("새벽", "dawn"),
    morning: term("아침", "morning"),
    lunch: term("점심", "lunch time"),
    afternoon: term("오후", "afternoon"),
    evening: term("저녁", "evening"),
    night: term("밤", "night"),
  },
  device: { mobile: term("휴대전화", "mobile"), desktop: term("컴퓨터", "desktop"), tablet: term("태블릿", "tablet") },
  season: {
    spring: term("봄", "spring"),
    summer: term("여름", "summer"),
    autumn: term("가을", "autumn"),
    winter: term("겨울", "winter"),
  },
  status: { granted: term("동의함", "granted"), withdrawn: term("철회함", "withdrawn") },
  weather: {
    clear: term("맑음", "clear"),
    clouds: term("흐림", "clouds"),
    rain: term("비", "rain"),
    snow: term("눈", "snow"),
    fog: term("안개", "fog"),
    storm: term("폭풍", "storm"),
  },
  weekday: {
    mon: term("월요일", "Monday"),
    tue: term("화요일", "Tuesday"),
    wed: term("수요일", "Wednesday"),
    thu: term("목요일", "Thursday"),
    fri: term("금요일", "Friday"),
    sat: term("토요일", "Saturday"),
    sun: term("일요일", "Sunday"),
  },
};

/** The term for a name; its last dotted part (`properties.revenue` → `revenue`) counts, too; else the name itself. */
export function termOf(terms: Terms, name: string, lang: Lang): string {
  const known = terms[name] ?? terms[name.split(".").at(-1) ?? name];
  return known?.[lang] ?? name;
}
