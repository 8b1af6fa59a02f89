/** Contents, coverage and coupons of the made-up company. The words of a preview are looked at for one banned word. */
import type {
  ContentAnswer,
  ContentRow,
  ContentsAnswer,
  CoverageAnswer,
  DiffAnswer,
  Finding,
  PreviewAnswer,
  SavedAnswer,
} from "../src/api/contents.ts";
import type { Coupon, CouponsView, Pool } from "../src/api/coupons.ts";
import { DAY_MS, NOW_MS, PEOPLE } from "./people.ts";

const STANDING = { state: "approved", by: "이서준", submitted_by: "박하은", at: NOW_MS - 3 * DAY_MS, why: "여름 문구" };

function rowOf(name: string, ko: string, en: string, state: string, stale: string[]): ContentRow {
  return {
    name,
    label: { ko, en },
    message: { ko: "아이스 음료 두 잔이면 한 잔은 반값이다.", en: "Of two iced drinks one is half price." },
    version: "9f2c4e1a0b7d8c35",
    state,
    variants: 2,
    approved: state === "approved" ? 2 : 0,
    languages: ["ko", "en"],
    channels: ["app", "email"],
    tones: ["warm"],
    offers: ["iced_second_half"],
    since: NOW_MS - 9 * DAY_MS,
    stale,
  };
}

const ROWS = [
  rowOf("iced_second_half", "아이스 두 번째 잔 반값", "Second iced drink at half price", "approved", []),
  rowOf("morning_set", "출근길 세트", "Morning set", "review", ["fact_expired"]),
];

export const CONTENTS: ContentsAnswer = { contents: ROWS, need_approval: true };

/** Words that were saved: by content and variant. */
const saved = new Map<string, { fields: Record<string, string>; version: string }>();

/** Forget them. */
export const contentsAnew = () => saved.clear();

/** Words that are saved as of a version; null: it is another one meanwhile. */
export function saveContent(name: string, body: Record<string, unknown>): SavedAnswer | null {
  const content = contentOf(name);
  const variant = content?.variants.find((one) => one.key === body.variant);
  if (!content || variant?.version !== body.version) return null;
  const version = `2b3c4d5e6f70${String(saved.size).padStart(4, "0")}`;
  saved.set(`${name} ${variant?.key}`, { fields: body.fields as Record<string, string>, version });
  return { status: "applied", file: "contents.yaml", version, definitions: content.definitions, offset: 1_481_203 };
}

export function contentOf(name: string): ContentAnswer | undefined {
  const found = madeUp(name);
  if (!found) return undefined;
  const variants = found.variants.map((one) => {
    const words = saved.get(`${name} ${one.key}`);
    return words ? { ...one, ...words, standing: { ...one.standing, state: "draft" } } : one;
  });
  return { ...found, variants };
}

function madeUp(name: string): ContentAnswer | undefined {
  const row = ROWS.find((one) => one.name === name);
  const common = {
    version: "1a2b3c4d5e6f7081",
    images: [],
    stage: null,
    persona: null,
    standing: { ...STANDING, state: row?.state ?? "draft" },
  };
  return (
    row && {
      row,
      facts: [{ name: "share", declared: { type: "percent", value: 50 }, text: { ko: "반값", en: "half price" } }],
      variants: [
        {
          ...common,
          key: "app,email/ko/any",
          channels: ["app", "email"],
          language: "ko",
          tone: null,
          fields: { title: "더운 날엔 두 번째 잔 {{ facts.share }}", body: "아이스 음료 두 잔을 주문하시면 한 잔을 할인해 드려요." },
        },
        {
          ...common,
          key: "any/en/warm",
          channels: [],
          language: "en",
          tone: "warm",
          fields: { title: "Take your time: the second is {{ facts.share }}", body: "Share something cold." },
        },
      ],
      definitions: "5c1f0a9be2d34f7781aa0c4d5e6f7a8b",
      cannot_save: name === "morning_set" ? "files_read_only" : "",
    }
  );
}

const PICTURE = {
  image: "https://cdn.example/cups/blue.png",
  reason: "colours_liked",
  colour: "#1446b4",
  liked: "#1e3cc8",
  distance: 8.4,
  looked_at: ["B1", "B7"],
};

const BANNED = "무조건";

/** What the words would look like; a banned word is found, and can be replaced. */
export function previewOfContent(body: Record<string, unknown>): PreviewAnswer {
  const named = typeof body.content === "string" ? contentOf(body.content) : (body.content as Pick<ContentAnswer, "variants">);
  const at = String(body.variant).includes("/en/") ? 1 : 0;
  const words = named?.variants[at]?.fields ?? {};
  const fields = Object.fromEntries(
    Object.entries(words).map(([name, text]) => [name, text.replaceAll("{{ facts.share }}", at ? "half price" : "반값")]),
  );
  const findings = Object.entries(words).flatMap(([field, text]): Finding[] => {
    const start = text.indexOf(BANNED);
    if (start < 0) return [];
    const what = { ko: `‘${BANNED}’은 쓰지 않습니다.`, en: `“${BANNED}” is not to be used.` };
    const how = { ko: "‘언제나’로 쓰세요.", en: "Write “언제나”." };
    const place = { field, start, end: start + BANNED.length };
    return [{ code: "banned_word", ...place, severity: "error", params: { word: BANNED }, mend: "언제나", text: what, how }];
  });
  const wording = {
    content: "iced_second_half",
    variant: String(body.variant),
    version: "1a2b3c4d5e6f7081",
    tone: "",
    picture: at ? PICTURE : null,
  };
  return { fields, wording, reason: null, problems: [], findings };
}

export const DIFF: DiffAnswer = {
  content: "morning_set",
  before: "aa00bb11cc22dd33",
  after: "9f2c4e1a0b7d8c35",
  differences: [{ variant: "app,email/ko/any", field: "title", before: "출근길엔 세트", after: "출근길 아메리카노와 소금빵" }],
};

export const COVERAGE: CoverageAnswer = {
  cells: ["app", "email"].flatMap((channel) =>
    ["", "customer"].flatMap((stage) =>
      ["brief", "warm", "apologetic"].map((tone) => ({
        content: "iced_second_half",
        language: "ko",
        channel,
        stage,
        persona: "",
        tone,
        cover: tone === "warm" ? "own" : tone === "brief" ? "instead" : "none",
        variant: tone === "apologetic" ? null : "app,email/ko/any",
        state: tone === "apologetic" ? "" : "approved",
      })),
    ),
  ) as CoverageAnswer["cells"],
  stale: [{ content: "iced_second_half", reason: "not_touched", about: "", days: 120 }],
  own: 4,
  instead: 4,
  none: 4,
};

const POOL: Pool = {
  name: "second_iced",
  label: { ko: "아이스 두 번째 잔 쿠폰", en: "Coupon for the second iced drink" },
  codes: "generated",
  amount: 2000,
  percent: null,
  most: null,
  currency: "KRW",
  min_basket: 8000,
  valid_from: null,
  valid_until: NOW_MS + 30 * DAY_MS,
  days: 14,
  per_person: 1,
  size: 1000,
  bearer: false,
  combinable: false,
  total: 3,
  free: 997,
  issued: 2,
  redeemed: 1,
  revoked: 0,
};

const COUPONS: Coupon[] = [
  {
    ref: "c1",
    pool: POOL.name,
    state: "redeemed",
    masked: "••••-7K2Q",
    person: PEOPLE[0]?.id ?? "",
    person_name: PEOPLE[0]?.name ?? "",
    issued_at: NOW_MS - 2 * DAY_MS,
    redeemed_at: NOW_MS - DAY_MS,
    store: "gangnam",
    offline: true,
  },
  { ref: "c2", pool: POOL.name, state: "issued", masked: "••••-9D4M", person: PEOPLE[1]?.id ?? "", issued_at: NOW_MS - DAY_MS },
];

const SEEN = { next: null, public_key: "00", now: NOW_MS };

export function couponsOf(what: "pools" | "ledger" | "doubts"): CouponsView {
  const doubt = {
    till: "till-3",
    sequence: 41,
    accepted_at: NOW_MS - DAY_MS,
    told_at: NOW_MS,
    status: "already_redeemed",
    params: {},
    said: { order: "A-1041" },
    coupon: COUPONS[0] as Coupon,
    text: { ko: "다른 곳에서 이미 사용되었습니다.", en: "It had been redeemed elsewhere." },
  };
  return {
    ...SEEN,
    pools: what === "doubts" ? [] : [POOL],
    coupons: what === "ledger" ? COUPONS : [],
    doubts: what === "doubts" ? [doubt] : [],
  };
}
