/**
 * The API of the side process over made-up people: what `npm run dev` and the tests of the console talk to.
 * The cookie `mock` chooses a state of the world: empty, error, forbidden, slow, trouble, flaky.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { HeldEvidence, HeldPage, Suggestion, SuggestionsPage } from "../src/api/identity.ts";
import type { Funnel, Status } from "../src/api/types.ts";
import { CONTENTS, COVERAGE, contentOf, contentsAnew, couponsOf, DIFF, previewOfContent, saveContent } from "./contents.ts";
import { groupOf, groupsOf } from "./groups.ts";
import { decisionsOf, messagesOf, timelineOf } from "./histories.ts";
import { AUDIT, HELD, previewOf, SUGGESTIONS } from "./identity.ts";
import { stream } from "./live.ts";
import { FUNNELS, KPIS } from "./measures.ts";
import { NOW_MS, PEOPLE, rowOf } from "./people.ts";
import { CAMPAIGNS, DECIDED, momentOf, POLICIES } from "./results.ts";
import { judge, LETTERS, lettersOf, OVERVIEW, QUIET, SOURCES, TROUBLE, VIOLATIONS } from "./running.ts";
import { AUDIENCES, NAMES, STAGES } from "./words.ts";

const SLOW_MS = 1_500;

const STATUS: Status = {
  workspace: "retailer",
  label: { ko: "완전한 여정 슈퍼마켓", en: "Complete Journey Grocers" },
  version: "0.1.0",
  clock: "data",
  zone: "America/New_York",
  currency: "USD",
  engine_now: NOW_MS,
  end_offset: 1_481_200,
  acted_offset: 1_481_200,
  events: 1_481_193,
  people: 2_469,
  identified: 2_469,
  rejected: 7,
  duplicates: 0,
  backlog: 0,
  backlog_age_ms: 0,
  commands: 1,
  lake_offset: 1_481_000,
  decisions: 1_204,
  messages: { delivered: 311, refused: 140, queued: 2 },
  simulated: true,
  simulated_note: {
    ko: "구매·캠페인·쿠폰은 실제 소매점의 자료이고, 웹 방문과 이름은 모의로 만든 것입니다.",
    en: "Purchases, campaigns and coupons are a real retailer’s; web visits and names are simulated.",
  },
  definitions: "5c1f0a9be2d34f7781aa0c4d5e6f7a8b",
  acting: true,
  lake_problem: "",
  fact_problem: "",
};

/** `trouble`: something is wrong. `flaky`: the stream breaks once. */
const WORLDS = ["full", "empty", "error", "forbidden", "slow", "trouble", "flaky"] as const;
type World = (typeof WORLDS)[number];

/** Letters that were sent again since the server started, or since `/mock/anew` was asked. */
const replayed = new Set<string>();
/** Suggestions and quarantined evidence that somebody has judged since then. */
const settled = new Set<string>();

function worldOf(request: IncomingMessage): World {
  const found = /(?:^|;\s*)mock=(\w+)/.exec(request.headers.cookie ?? "")?.[1];
  return WORLDS.find((one) => one === found) ?? "full";
}

class Answer extends Error {
  readonly status: number;
  readonly body: unknown;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.body = { code, message, facts: {}, retryable: status >= 500 };
  }
}

function known(id: string) {
  const person = PEOPLE.find((one) => one.id === id);
  if (!person) throw new Answer(404, "person_not_found", `No person ${id}.`);
  return person;
}

function people(query: URLSearchParams) {
  const wanted = (query.get("query") ?? "").toLowerCase();
  const audience = query.get("audience");
  const found = PEOPLE.filter((one) => {
    const texts = [one.id, one.name ?? "", ...one.identifiers.map((identifier) => identifier.value)];
    const matches = !wanted || texts.some((text) => text.toLowerCase().includes(wanted));
    return matches && (!audience || one.audiences.some((a) => a.member && a.name === audience));
  });
  const from = Number(query.get("cursor") ?? 0);
  const until = from + Number(query.get("limit") ?? 50);
  return { people: found.slice(from, until).map(rowOf), next: until < found.length ? String(until) : null, total: found.length };
}

function timeline(id: string, query: URLSearchParams) {
  const before = Number(query.get("before") ?? Number.POSITIVE_INFINITY);
  const limit = Number(query.get("limit") ?? 50);
  const events = timelineOf(known(id)).filter((event) => event.offset < before);
  const page = events.slice(0, limit);
  return { events: page, next: events.length > limit ? String(page.at(-1)?.offset) : null };
}

function deadLetter(id: string) {
  const found = LETTERS.find((one) => one.id === id);
  if (!found) throw new Answer(404, "unknown_dead_letter", `There is no dead letter ${id}.`);
  return replayed.has(id) ? { ...found, status: "replayed" } : found;
}

function suggestions(all: readonly Suggestion[]): SuggestionsPage {
  const left = all.filter((one) => !settled.has(one.id));
  const model = { version: "d51c6f20aa31", trained: all.length > 0, records: 2_400 };
  const settings = { mode: "queue", at_least: 4, accept_at_least: 16 } as const;
  return { suggestions: left, next: null, total: left.length, ...settings, behind: 12, records: 2_469, model };
}

function quarantine(all: readonly HeldEvidence[]): HeldPage {
  const left = all.filter((one) => !settled.has(one.id));
  return { quarantined: left, next: null, total: left.length };
}

/** Commands. */
function told(path: string, body: Record<string, unknown>): unknown {
  const [, , noun, id = "", part] = path.split("/").map(decodeURIComponent);
  if (noun === "dead-letters" && part === "replay") {
    const letter = deadLetter(id);
    if (letter.status === "replayed")
      throw new Answer(409, "already_replayed", `${id} was replayed before; a dead letter is replayed once.`);
    const verdict = judge(letter, (body.event ?? letter.event ?? {}) as Record<string, unknown>);
    if (verdict.status === "applied") replayed.add(id);
    return verdict;
  }
  if (noun === "people" && id === "merge" && body.b === "card:0")
    return {
      status: "refused",
      offset: null,
      reason: "limit",
      detail: "",
      facts: {},
      text: { ko: "한도를 넘습니다", en: "It would break a limit" },
    };
  const applied = { status: "applied", offset: 1_481_202, reason: "", detail: "", facts: {} };
  if (noun === "people" && id === "preview") return previewOf(body);
  if (noun === "contents" && part === "save") {
    const saved = saveContent(id, body);
    if (!saved) throw new Answer(409, "version_changed", `${body.variant} of ${id} has changed since it was opened.`);
    return saved;
  }
  if (noun === "contents") return id === "preview" ? previewOfContent(body) : applied;
  if (noun === "people" && ["merge", "cut", "move", "split"].includes(id)) return applied;
  if (noun === "identity" && (part === "release" || part === "confirm")) {
    settled.add(String(HELD.find((one) => one.a.id === body.a && one.b.id === body.b)?.id));
    return applied;
  }
  if (noun === "suggestions" && (part === "accept" || part === "reject")) {
    settled.add(id);
    const preview = previewOf({ suggestion: id, kind: part });
    return part === "accept" ? { ...applied, facts: { together: preview.facts.together, held: preview.facts.held } } : applied;
  }
  throw new Answer(404, "no_such_route", `No route ${path}.`);
}

function full(path: string, query: URLSearchParams): unknown {
  const [, , noun, id = "", part] = path.split("/").map(decodeURIComponent);
  switch (noun) {
    case "status":
      return STATUS;
    case "overview":
      return OVERVIEW;
    case "sources":
      return SOURCES;
    case "violations":
      return VIOLATIONS;
    case "dead-letters":
      return id ? deadLetter(id) : lettersOf(query, replayed);
    case "audiences":
      return { audiences: AUDIENCES };
    case "audit":
      return { entries: AUDIT, next: null };
    case "suggestions":
      return suggestions(SUGGESTIONS);
    case "identity":
      return quarantine(HELD);
    case "contents": {
      if (!id) return CONTENTS;
      if (id === "coverage") return COVERAGE;
      if (part === "diff") return id === DIFF.content ? DIFF : { ...DIFF, content: id, before: null, differences: [] };
      const content = contentOf(id);
      if (content) return content;
      break;
    }
    case "coupons":
      return couponsOf(part ? "ledger" : "pools");
    case "coupon-doubts":
      return couponsOf("doubts");
    case "groups": {
      const one = part ? groupOf(part, PEOPLE) : groupsOf(query);
      if (one) return one;
      break;
    }
    case "people":
      if (!id) return people(query);
      if (part === "timeline") return timeline(id, query);
      if (part === "decisions") return { decisions: decisionsOf(known(id)) };
      if (part === "messages") return { messages: messagesOf(known(id)) };
      if (part === "moment") return momentOf(known(id));
      return known(id);
    case "names":
      return NAMES;
    case "policies":
      return { policies: POLICIES };
    case "measures":
      if (id === "campaigns") return CAMPAIGNS;
      if (id === "acted") return { decisions: DECIDED, messages: [], lake_offset: STATUS.lake_offset };
      if (id === "kpis") return { kpis: KPIS, lake_offset: STATUS.lake_offset };
      if (id === "stages") return { stages: STAGES, lake_offset: STATUS.lake_offset };
      if (id === "funnels" && !part) return { funnels: FUNNELS.map(({ name, label }) => ({ name, label })) };
      if (id === "funnels") return FUNNELS.find((one) => one.name === part);
  }
  throw new Answer(404, "no_such_route", `No route ${path}.`);
}

function empty(path: string, query: URLSearchParams): unknown {
  const nothing = {
    people: 0,
    identified: 0,
    events: 0,
    decisions: 0,
    rejected: 0,
    end_offset: 0,
    lake_offset: 0,
    engine_now: null,
    messages: {},
    simulated: false,
  };
  if (path === "/v1/status") return { ...STATUS, ...nothing };
  if (path === "/v1/overview") return QUIET;
  if (path === "/v1/sources") return { ...SOURCES, sources: [] };
  if (path === "/v1/violations") return { violations: [], since: 0 };
  if (path === "/v1/dead-letters") return { dead_letters: [], next: null, counts: {} };
  if (path === "/v1/people") return { people: [], next: null, total: 0 };
  if (path === "/v1/audiences") return { audiences: [] };
  if (path === "/v1/contents") return { contents: [], need_approval: false };
  if (path === "/v1/contents/coverage") return { cells: [], stale: [], own: 0, instead: 0, none: 0 };
  if (path.startsWith("/v1/coupon")) return { ...couponsOf("doubts"), doubts: [] };
  if (path === "/v1/groups") return { kinds: [], groups: [], next: null, total: 0 };
  if (path === "/v1/suggestions") return suggestions([]);
  if (path === "/v1/identity/quarantine") return quarantine([]);
  if (path === "/v1/audit") return { entries: [], next: null };
  if (path.endsWith("/kpis")) return { kpis: KPIS.map((kpi) => ({ ...kpi, value: typeof kpi.value === "number" ? 0 : null })) };
  if (path.endsWith("/campaigns")) return { ...CAMPAIGNS, campaigns: [] };
  if (path.endsWith("/acted")) return { decisions: [], messages: [], lake_offset: 0 };
  if (path === "/v1/names") return { offers: {}, creatives: {}, journeys: {}, campaigns: {}, products: {}, stores: {} };
  if (path === "/v1/policies") return { policies: [] };
  if (path.endsWith("/moment")) return { id: "", at: NOW_MS, zone: "Asia/Seoul", facts: [] };
  if (path.endsWith("/stages")) return { stages: STAGES.map((stage) => ({ ...stage, people: 0 })) };
  if (path.endsWith("/timeline")) return { events: [], next: null };
  if (path.endsWith("/decisions")) return { decisions: [] };
  if (path.endsWith("/messages")) return { messages: [] };
  const found = full(path, query);
  if (typeof found === "object" && found !== null && "steps" in found)
    return { ...found, groups: [], steps: (found as Funnel).steps.map((step) => ({ ...step, people: 0 })) };
  if (typeof found === "object" && found !== null && "traits" in found)
    return {
      ...found,
      simulated: false,
      traits: [],
      audiences: [],
      identifiers: [],
      evidence: [],
      quarantined: [],
      withdrawn: [],
      golden: [],
      moment: {},
      name: null,
      stage: null,
    };
  return found;
}

function answer(world: World, path: string, query: URLSearchParams): unknown {
  if (world === "forbidden") throw new Answer(401, "not_signed_in", "Use the link that `gyeol up` printed.");
  if (world === "error" && path !== "/v1/status")
    throw new Answer(
      503,
      "lake_unavailable",
      "The lake cannot be read: its catalog is locked by another program. Stop that program and try again.",
    );
  if (world === "trouble" && path === "/v1/overview") return TROUBLE;
  return world === "empty" ? empty(path, query) : full(path, query);
}

/** The stream; an unknown person is refused as the real one does. */
function live(world: World, request: IncomingMessage, response: ServerResponse, query: URLSearchParams): void {
  answer(world, "/v1/status", query);
  if (world === "error") throw new Answer(503, "core_unavailable", "The core does not answer.");
  const person = query.get("person");
  if (person && !PEOPLE.some((one) => one.id === person || one.name === person))
    throw new Answer(404, "unknown_person", `Nobody is known as ${person}.`);
  if (world === "empty") response.writeHead(200, { "content-type": "text/event-stream" }).write("event: caught_up\ndata: {}\n\n");
  else stream(request, response, query, world === "flaky");
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = "";
  for await (const part of request) text += String(part);
  return text ? (JSON.parse(text) as Record<string, unknown>) : {};
}

/** Answers a call of the API; false when the path is not one. */
export function handle(request: IncomingMessage, response: ServerResponse): boolean {
  const url = new URL(request.url ?? "/", "http://console");
  if (url.pathname === "/mock/anew") {
    replayed.clear();
    settled.clear();
    contentsAnew();
    response.writeHead(204).end();
    return true;
  }
  if (!url.pathname.startsWith("/v1/")) return false;
  const world = worldOf(request);
  const send = (body: Record<string, unknown>) => {
    let status = 200;
    let found: unknown;
    try {
      if (url.pathname === "/v1/live") return live(world, request, response, url.searchParams);
      found = request.method === "POST" ? told(url.pathname, body) : answer(world, url.pathname, url.searchParams);
    } catch (error) {
      if (!(error instanceof Answer)) throw error;
      status = error.status;
      found = error.body;
    }
    response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" }).end(JSON.stringify(found));
  };
  void bodyOf(request).then((body) => {
    if (world === "slow") setTimeout(() => send(body), SLOW_MS);
    else send(body);
  });
  return true;
}
