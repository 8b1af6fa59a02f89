/** What the made-up retailer says of how it runs: overview, sources, rejected events, tracking plan. */
import type { DeadLetter, Overview, SourcesAnswer, Submitted, ViolationsAnswer } from "../src/api/running.ts";
import type { Text } from "../src/api/types.ts";
import { NOW_MS, pick } from "./people.ts";

/** The wall clock of the made-up receipt. */
const WALL_MS = Date.UTC(2026, 5, 12, 5, 40);
const MINUTE_MS = 60_000;

export const CODES: Record<string, Text> = {
  bad_timestamp: { ko: "시각이 ISO 8601 형식이 아닙니다", en: "The timestamp is no ISO 8601 instant" },
  no_identity: { ko: "누구의 이벤트인지 알 수 없습니다", en: "Nothing says whose event it is" },
  bad_json: { ko: "JSON 형식이 아니라 읽을 수 없습니다", en: "It cannot be read as JSON" },
  plan_violation: { ko: "추적 계획의 규칙을 어겼습니다", en: "It breaks a rule of the tracking plan" },
};

const consent = { ko: "수신에 동의하지 않음", en: "No consent" };

export const OVERVIEW: Overview = {
  now: WALL_MS,
  engine_now: NOW_MS,
  clock: "data",
  acting: true,
  simulated: true,
  events: {
    total: 1_481_193,
    rejected: 7,
    duplicates: 41,
    backlog: 0,
    backlog_age_ms: 0,
    rate: Array.from({ length: 60 }, (_, i) => ({
      at: WALL_MS - (59 - i) * MINUTE_MS,
      accepted: Math.round(900 + 380 * Math.sin(i / 7) + pick(i, 3) * 260),
      rejected: i % 13 === 7 ? Math.round(20 + pick(i, 5) * 60) : 0,
    })),
    lag: { p50_ms: 3.1, p95_ms: 8.4, p99_ms: 13.2 },
  },
  people: { total: 2_469, identified: 2_281 },
  decisions: {
    total: 1_204,
    chosen: 702,
    fallback: 214,
    holdout: 121,
    nothing: 288,
    p50_ms: 1.9,
    p95_ms: 4.6,
    p99_ms: 7.8,
    refusals: [
      { code: "no_consent", gate: "consent", label: consent, count: 911 },
      { code: "not_eligible", gate: "eligibility", label: { ko: "대상 조건에 맞지 않음", en: "Not eligible" }, count: 640 },
      { code: "outranked", gate: "rank", label: { ko: "다른 오퍼의 점수가 더 높음", en: "Outranked by another offer" }, count: 512 },
      { code: "cap_reached", gate: "offer_cap", label: { ko: "보여 준 횟수가 한도에 이름", en: "Cap reached" }, count: 233 },
      { code: "holdout", gate: "holdout", label: { ko: "홀드아웃 대상", en: "In the holdout" }, count: 121 },
      { code: "quiet_hours", gate: "law", label: { ko: "야간 전송 제한 시간", en: "Quiet hours" }, count: 64 },
      { code: "not_valid", gate: "validity", label: { ko: "오퍼 기간이 아님", en: "Outside the offer's period" }, count: 12 },
    ],
  },
  deliveries: {
    total: 883,
    states: { queued: 2, accepted: 190, delivered: 311, opened: 160, clicked: 58, refused: 140, too_late: 4, bounced: 12, failed: 6 },
    channels: [
      {
        channel: "email",
        label: { ko: "이메일", en: "E-mail" },
        states: { queued: 2, delivered: 301, opened: 160, clicked: 58, refused: 96, bounced: 12, failed: 6 },
      },
      { channel: "mail", label: { ko: "우편", en: "Mail" }, states: { accepted: 190, refused: 40, too_late: 4 } },
      { channel: "push", label: {}, states: { delivered: 10, refused: 4 } },
    ],
    refusals: [
      { code: "no_consent", gate: "consent", label: consent, count: 96 },
      { code: "quiet_hours", gate: "law", label: { ko: "야간 전송 제한 시간", en: "Quiet hours" }, count: 44 },
    ],
  },
  lake: { offset: 1_481_000, end_offset: 1_481_200, behind: 200, problem: "" },
  problems: [],
};

export const TROUBLE: Overview = {
  ...OVERVIEW,
  acting: false,
  events: { ...OVERVIEW.events, backlog: 1_840, backlog_age_ms: 42_000 },
  problems: [
    {
      code: "not_taking",
      text: {
        ko: "지금은 이벤트와 결정 요청을 받지 못합니다: 디스크에 쓸 수 없습니다.",
        en: "Neither events nor requests for decisions are taken: the disk cannot be written.",
      },
      mend: {
        ko: "원인을 해결하면 스스로 이어 갑니다. 보내는 쪽은 다시 시도하므로 잃는 것은 없습니다.",
        en: "Once it is mended all goes on by itself. Senders try again: nothing is lost.",
      },
    },
    {
      code: "disk_low",
      text: { ko: "디스크에 120 MB만 남았습니다.", en: "Only 120 MB are free on the disk." },
      mend: { ko: "공간을 늘리거나 오래된 파일을 지우세요.", en: "Make room, or move the data folder to a larger disk." },
    },
    {
      code: "snapshot_failed",
      text: { ko: "마지막 스냅샷을 쓰지 못했습니다.", en: "The last snapshot could not be written." },
      mend: {
        ko: "다시 시작하는 데 오래 걸립니다. 디스크를 살펴보세요.",
        en: "A restart takes longer until one succeeds: look at the disk.",
      },
    },
    {
      code: "acting_stopped",
      text: {
        ko: "state.db에 쓸 수 없어 이벤트는 받지만 아무 조치도 하지 않습니다.",
        en: "state.db cannot be written: events are taken, nothing is done about them.",
      },
      mend: { ko: "디스크에 공간을 만든 뒤 gyeol doctor를 실행하세요.", en: "Make room on the disk, then run gyeol doctor." },
    },
    {
      code: "lake_behind",
      text: { ko: "레이크가 12분 뒤처져 있습니다.", en: "The lake is 12 minutes behind." },
      mend: { ko: "카탈로그를 잠근 다른 프로그램을 닫으세요.", en: "Close the other program that has locked its catalog." },
    },
  ],
};

export const QUIET: Overview = {
  ...OVERVIEW,
  engine_now: 0,
  simulated: false,
  events: {
    ...OVERVIEW.events,
    total: 0,
    rejected: 0,
    duplicates: 0,
    rate: OVERVIEW.events.rate.map(({ at }) => ({ at, accepted: 0, rejected: 0 })),
    lag: { p50_ms: null, p95_ms: null, p99_ms: null },
  },
  people: { total: 0, identified: 0 },
  decisions: { total: 0, chosen: 0, fallback: 0, holdout: 0, nothing: 0, p50_ms: null, p95_ms: null, p99_ms: null, refusals: [] },
  deliveries: { total: 0, states: {}, channels: [], refusals: [] },
  lake: { offset: 0, end_offset: 0, behind: 0, problem: "" },
};

export const SOURCES: SourcesAnswer = {
  endpoint: { url: "http://127.0.0.1:8400", internal: "http://127.0.0.1:8401" },
  sources: [
    {
      name: "till",
      label: { ko: "매장 계산대", en: "Tills" },
      kind: "server",
      channel: "store",
      enabled: true,
      write_key: "demo-till-key",
      origins: [],
      events: 1_469_307,
      last_at: NOW_MS - 120_000,
      verdicts: { accepted: 1_469_307, duplicate: 41, rejected: 5 },
      rejected: [
        { code: "bad_timestamp", label: CODES.bad_timestamp ?? {}, count: 4, last_at: NOW_MS - 3_600_000 },
        { code: "bad_json", label: CODES.bad_json ?? {}, count: 1, last_at: NOW_MS - 7_200_000 },
      ],
    },
    {
      name: "web",
      label: { ko: "웹사이트", en: "Website" },
      kind: "client",
      channel: "web",
      enabled: true,
      write_key: "demo-web-key",
      origins: ["https://shop.example"],
      events: 5_297,
      last_at: NOW_MS - 40_000,
      verdicts: { accepted: 5_297, duplicate: 0, rejected: 2 },
      rejected: [{ code: "no_identity", label: CODES.no_identity ?? {}, count: 2, last_at: NOW_MS - 500_000 }],
    },
    {
      name: "crm",
      label: { ko: "고객 관리", en: "Customer database" },
      kind: "server",
      channel: "crm",
      enabled: true,
      write_key: "demo-crm-key",
      origins: [],
      events: 0,
      last_at: null,
      verdicts: { accepted: 0, duplicate: 0, rejected: 0 },
      rejected: [],
    },
  ],
};

export const VIOLATIONS: ViolationsAnswer = {
  since: NOW_MS - 7 * 86_400_000,
  violations: [
    {
      code: "type",
      event: "Order Completed",
      path: "properties.revenue",
      source: "till",
      expected: "number",
      found: "text",
      count: 37,
      last_at: NOW_MS - 400_000,
      example: { dead_letter: "dl_3", value: "12,50" },
      text: { ko: "수여야 하는데 글자가 왔습니다", en: "A number was promised, a text came" },
      effect: "rejected",
    },
    {
      code: "missing",
      event: "Product Viewed",
      path: "properties.product_id",
      source: "web",
      expected: "text",
      found: "",
      count: 212,
      last_at: NOW_MS - 60_000,
      example: { dead_letter: null, value: null },
      text: { ko: "꼭 있어야 하는 값이 없습니다", en: "A value that must be there is missing" },
      effect: "flagged",
    },
  ],
};

function letter(n: number, code: string, source: string, detail: string, event: DeadLetter["event"], raw = ""): DeadLetter {
  return {
    id: `dl_${n}`,
    code,
    text: CODES[code] ?? {},
    detail,
    source,
    received_at: NOW_MS - n * 700_000,
    status: "waiting",
    message_id: typeof event?.messageId === "string" ? event.messageId : "",
    replayed_offset: null,
    event,
    raw: event ? JSON.stringify(event) : raw,
  };
}

const order = { type: "track", event: "Order Completed", userId: "1349", messageId: "o-77" };
/** Letters as they were when the server started; the made-up API replays them for as long as it runs. */
export const LETTERS: DeadLetter[] = [
  letter(1, "bad_timestamp", "till", "the timestamp 'yesterday' is no ISO-8601 instant such as 2026-01-31T09:00:00.000Z", {
    ...order,
    timestamp: "yesterday",
    properties: { order_id: "77", revenue: 12.5, currency: "USD" },
  }),
  letter(2, "no_identity", "web", "neither userId nor anonymousId", { type: "page", name: "Offers", properties: { path: "/offers" } }),
  letter(3, "plan_violation", "till", "properties.revenue: expected number, found text '12,50'", {
    ...order,
    properties: { order_id: "78", revenue: "12,50", currency: "USD" },
  }),
  letter(4, "bad_json", "till", "unexpected end of the text", null, '{"type":"track","event":"Order Completed","userId":"13'),
  letter(5, "bad_timestamp", "till", "the timestamp '31/12/2017' is no ISO-8601 instant", { ...order, timestamp: "31/12/2017" }),
  letter(6, "no_identity", "web", "neither userId nor anonymousId", {
    type: "track",
    event: "Product Viewed",
    properties: { product_id: "1029743" },
  }),
  {
    ...letter(7, "bad_timestamp", "till", "the timestamp 'now' is no ISO-8601 instant", { ...order, timestamp: "now" }),
    status: "replayed",
  },
];

export function lettersOf(query: URLSearchParams, replayed: ReadonlySet<string>) {
  const status = query.get("status") || "waiting";
  const now = LETTERS.map((one) => (replayed.has(one.id) ? { ...one, status: "replayed" } : one));
  const found = now.filter(
    (one) =>
      (status === "all" || one.status === status) &&
      (!query.get("code") || one.code === query.get("code")) &&
      (!query.get("source") || one.source === query.get("source")),
  );
  const counts: Record<string, number> = {};
  for (const one of now) if (one.status === "waiting") counts[one.code] = (counts[one.code] ?? 0) + 1;
  return { dead_letters: found, next: null, counts };
}

/** Judges a letter again as roughly as the tests need it. */
export function judge(of: DeadLetter, event: Record<string, unknown>): Submitted {
  const refused = (code: string, detail: string): Submitted => ({
    status: "refused",
    offset: null,
    reason: code,
    detail,
    text: CODES[code] ?? {},
    facts: { id: of.id },
  });
  if (!event.userId && !event.anonymousId) return refused("no_identity", "neither userId nor anonymousId");
  if (typeof event.timestamp === "string" && Number.isNaN(Date.parse(event.timestamp)))
    return refused("bad_timestamp", `the timestamp '${event.timestamp}' is no ISO-8601 instant`);
  return { status: "applied", offset: 1_481_201, reason: "", detail: "", facts: {} };
}
