/** The stream of what happens to the made-up people: some of it before one comes, then one thing after the other. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { LIVE_KINDS, type LiveItem, type LiveKind } from "../src/api/running.ts";
import { NOW_MS, PEOPLE } from "./people.ts";
import { CODES, SOURCES } from "./running.ts";
import { AUDIENCES, OFFERS, STAGES } from "./words.ts";

/** What has happened when the stream is opened first, and how often something more happens, in ms. */
const BEFORE = 48;
const EVERY_MS = 250;
/** The browser's patience before it comes again, in ms. */
const RETRY_MS = 300;
/** After so many new items the `flaky` world hangs up once; what it then calls missed. */
const HANGS_UP_AFTER = 4;
const MISSED = 12;

const STORY: readonly LiveKind[] = [
  "event",
  "event",
  "audience",
  "decision",
  "event",
  "message",
  "stage",
  "event",
  "delivery",
  "identity",
  "event",
  "rejected",
];

export function itemAt(n: number): LiveItem {
  const kind = STORY[n % STORY.length] ?? "event";
  const person = PEOPLE[(n * 7) % PEOPLE.length];
  const name = person?.name ?? person?.identifiers[0]?.value ?? null;
  const base: LiveItem = {
    id: String(n).padStart(8, "0"),
    at: NOW_MS + (n - BEFORE) * 1_700,
    kind,
    simulated: false,
    person: kind === "rejected" || !person ? null : { id: person.id, name },
  };
  return { ...base, ...bodyOf(kind, n, person?.id ?? "") };
}

const wait = { code: "quiet_hours", params: {}, text: { ko: "야간 전송 제한 시간입니다", en: "Quiet hours where the person is" } };

function bodyOf(kind: LiveKind, n: number, person: string): Partial<LiveItem> {
  const offer = OFFERS[n % OFFERS.length];
  const stage = (at: number) => ({ name: STAGES[at]?.name ?? "", label: STAGES[at]?.label ?? {} });
  switch (kind) {
    case "event":
      return eventOf(n);
    case "audience": {
      const audience = AUDIENCES[n % AUDIENCES.length];
      return { audience: { name: audience?.name ?? "", label: audience?.label ?? {}, entered: n % 5 !== 0 } };
    }
    case "stage":
      return { stage: { before: stage(4), after: stage(5) } };
    case "decision":
      return {
        decision: {
          id: `d-${(n * 7) % PEOPLE.length}-0`,
          placement: "home_hero",
          placement_label: { ko: "첫 화면", en: "Home page" },
          chosen: n % 9 === 0 ? null : (offer?.name ?? null),
          chosen_label: offer?.label ?? {},
          fallback: n % 4 === 0,
          holdout: n % 9 === 0,
          reason: {
            code: "best_score",
            params: {},
            text: { ko: "남은 후보 가운데 점수가 가장 높습니다", en: "Highest score of those left" },
          },
          refused: 4,
          ms: 2.4,
        },
      };
    case "message":
      return {
        message: {
          send_key: `m-${n}`,
          journey: "win_back",
          channel: "email",
          state: n % 2 ? "refused" : "queued",
          reason: n % 2 ? wait : null,
        },
      };
    case "delivery":
      return { delivery: { send_key: `m-${n}`, channel: "email", state: "delivered", reason: null }, simulated: true };
    case "identity":
      return { identity: { what: "joined", people: [person] } };
    case "rejected":
      return { rejected: { id: "dl_1", code: "bad_timestamp", text: CODES.bad_timestamp ?? {}, source: "till" } };
  }
}

function eventOf(n: number): Partial<LiveItem> {
  const till = n % 3 !== 1;
  const source = SOURCES.sources[till ? 0 : 1];
  return {
    simulated: !till,
    event: {
      name: till ? "Order Completed" : "Product Viewed",
      type: "track",
      source: source?.name ?? "",
      source_label: source?.label ?? {},
      channel: till ? "store" : "web",
      summary: till
        ? { revenue: { minor: 800 + ((n * 613) % 9_000), currency: "USD" }, products: 1 + (n % 14), store: "367" }
        : { product: "FLUID MILK", department: "DAIRY" },
      label: {},
    },
  };
}

/** Whether an item passes the filters of the address. */
function passes(item: LiveItem, query: URLSearchParams): boolean {
  const kinds = query.get("kind")?.split(",") ?? LIVE_KINDS;
  const source = query.get("source");
  const person = query.get("person");
  return (
    kinds.some((kind) => kind === item.kind) &&
    (!source || item.event?.source === source || item.rejected?.source === source) &&
    (!person || item.person?.id === person || item.person?.name === person)
  );
}

/** Answers with the stream. `flaky`: it hangs up once, and then says that something was missed. */
export function stream(request: IncomingMessage, response: ServerResponse, query: URLSearchParams, flaky: boolean): void {
  const from = String(request.headers["last-event-id"] ?? query.get("since") ?? "");
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  response.write(`retry: ${RETRY_MS}\n\n`);
  const send = (n: number) => {
    const item = itemAt(n);
    if (passes(item, query)) response.write(`id: ${item.id}\nevent: live\ndata: ${JSON.stringify(item)}\n\n`);
  };
  let next = from ? Number(from) + 1 : 0;
  if (from && flaky) {
    next += MISSED;
    response.write(`event: gap\ndata: ${JSON.stringify({ missed: MISSED })}\n\n`);
  }
  while (next < BEFORE) send(next++);
  response.write("event: caught_up\ndata: {}\n\n");
  let sent = 0;
  const ticking = setInterval(() => {
    send(next++);
    sent += 1;
    if (flaky && !from && sent === HANGS_UP_AFTER) response.end();
  }, EVERY_MS);
  response.on("close", () => clearInterval(ticking));
}
