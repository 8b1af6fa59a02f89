/**
 * Renders decisions into the slots of a page and reports what became of them. Loaded by
 * `<script async src="…/gyeol.js" data-write-key="…">`; a slot is any element with `data-gyeol-placement`.
 *
 * What a decision says is only ever text, or the address of a link or picture that is http(s): nothing of it is read as HTML.
 */

interface Decision {
  id: string;
  placement: string;
  offer: string | null;
  fallback: boolean;
  content: Record<string, string>;
}

interface Slot {
  element: HTMLElement;
  placement: string;
  /** The page's own content, as it was. */
  own: Node[];
  template: HTMLTemplateElement | null;
  state: "waiting" | "offer" | "own";
  decision?: Decision | undefined;
  shown: boolean;
  timer?: ReturnType<typeof setTimeout>;
}

const script = document.currentScript as HTMLScriptElement;
const { writeKey, host, lang, timeout, userId, userToken, context, stream } = script.dataset;
const at = host ?? new URL(script.src).origin;
const key = `writeKey=${encodeURIComponent(writeKey ?? "")}`;
const facts: Record<string, string> = { device: matchMedia("(max-width: 767px)").matches ? "mobile" : "desktop", ...read(context) };
const slots: Slot[] = [];
let source: EventSource | undefined;

/** JSON that may be none. */
function read(text: string | null | undefined) {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}

/** Segment's id of this browser; where there is none yet one is left for Segment's SDK to find. */
const anonymousId: string = (() => {
  const name = "ajs_anonymous_id";
  const cookie = document.cookie.match(`(?:^|; )${name}=([^;]*)`)?.[1];
  const made = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}${Math.random().toString(36).slice(2)}`;
  try {
    const kept = localStorage.getItem(name);
    const found = (cookie && decodeURIComponent(cookie)) || read(kept) || kept;
    if (!found) localStorage.setItem(name, JSON.stringify(made));
    return found || made;
  } catch {
    return cookie || made;
  }
})();
const who = userToken ? { userId, userToken } : { anonymousId };
const language = lang ?? (document.documentElement.lang.startsWith("ko") ? "ko" : "en");

function report(event: string, slot: Slot) {
  const { decision, placement } = slot;
  if (!decision?.offer) return;
  const now = new Date().toISOString();
  const body = JSON.stringify({
    type: "track",
    event,
    messageId: `gyeol-${now}-${Math.random().toString(36).slice(2)}`,
    anonymousId,
    ...(userToken && { userId }),
    timestamp: now,
    sentAt: now,
    properties: { decision: decision.id, placement, offer: decision.offer },
    context: { page: { path: location.pathname, url: location.href, title: document.title } },
  });
  // A beacon outlives the page; as plain text it needs no preflight.
  const to = `${at}/v1/t?${key}`;
  if (!navigator.sendBeacon?.(to, body)) fetch(to, { method: "POST", body, keepalive: true }).catch(() => {});
}

/** An address that a browser may follow, or nothing: `javascript:` and the like are left out. */
function safe(address: string | undefined) {
  try {
    const url = new URL(address ?? "", location.href);
    return address && /^https?:$/.test(url.protocol) ? url.href : undefined;
  } catch {
    return undefined;
  }
}

function element(tag: string, field: string, text: string) {
  const made = document.createElement(tag);
  made.className = `gyeol-${field}`;
  made.textContent = text;
  return made;
}

/** What is shown for a decision: the slot's template filled in, else title, body and button. */
function content({ template }: Slot, said: Record<string, string>) {
  const link = safe(said.link ?? said.url);
  if (template) {
    const filled = template.content.cloneNode(true) as DocumentFragment;
    for (const each of filled.querySelectorAll<HTMLElement>("[data-gyeol]")) {
      const value = said[each.dataset.gyeol ?? ""];
      if (each instanceof HTMLImageElement) each.src = safe(value) ?? "";
      else if (each instanceof HTMLAnchorElement && each.dataset.gyeol === "link") each.href = link ?? "#";
      else each.textContent = value ?? "";
    }
    return filled;
  }
  const box = document.createElement(link ? "a" : "div");
  if (link) (box as HTMLAnchorElement).href = link;
  box.className = "gyeol-offer";
  const image = safe(said.image);
  if (image) {
    const picture = document.createElement("img");
    picture.src = image;
    picture.alt = "";
    box.append(picture);
  }
  if (said.title) box.append(element("strong", "title", said.title));
  if (said.body) box.append(element("span", "body", said.body));
  if (said.button) box.append(element("span", "button", said.button));
  return box;
}

function show(slot: Slot, decision?: Decision) {
  slot.shown &&= decision?.id === slot.decision?.id;
  slot.decision = decision;
  slot.state = decision?.offer ? "offer" : "own";
  clearTimeout(slot.timer);
  const { element } = slot;
  // What was reserved stays reserved: what stands below must not move up.
  element.style.minHeight = getComputedStyle(element).height;
  element.replaceChildren(...(decision?.offer ? [content(slot, decision.content)] : slot.own));
  element.dataset.gyeolState = slot.state;
  element.dispatchEvent(new CustomEvent("gyeol", { bubbles: true, detail: decision }));
  look(slot);
}

/** Half of it in sight for a whole second is an impression. Source: MRC's guideline for viewable impressions. */
const sight = new IntersectionObserver(
  (entries) => {
    for (const { target, intersectionRatio } of entries) {
      const slot = slots.find(({ element }) => element === target);
      if (!slot) continue;
      clearTimeout(slot.timer);
      if (intersectionRatio >= 0.5 && !slot.shown) {
        slot.timer = setTimeout(() => {
          if (document.hidden || slot.shown) return;
          slot.shown = true;
          report("Offer Shown", slot);
        }, 1_000);
      }
    }
  },
  { threshold: 0.5 },
);

function look(slot: Slot) {
  sight.unobserve(slot.element);
  if (slot.state === "offer" && !slot.shown) sight.observe(slot.element);
}

async function ask(placements: string[], waited?: boolean) {
  const body = JSON.stringify({ placements, ...who, context: facts, lang: language, standing: true });
  const decided: Record<string, Decision> = {};
  try {
    const answer = await fetch(`${at}/v1/decide?${key}`, { method: "POST", body });
    for (const each of (await answer.json()).decisions) decided[each.placement] = each;
  } catch {
    // Nobody answers: the page's own content is what there is.
  }
  for (const slot of slots) {
    if (!placements.includes(slot.placement)) continue;
    const decision = decided[slot.placement];
    // What came too late is not put in the place of what is being read.
    if (waited ? slot.state === "waiting" : decision && JSON.stringify(decision) !== JSON.stringify(slot.decision)) show(slot, decision);
  }
}

function listen() {
  source?.close();
  source = undefined;
  if (stream === "off" || document.hidden || !slots.length || !window.EventSource) return;
  const asked = { ...facts, ...who, lang: language, placements: [...new Set(slots.map(({ placement }) => placement))].join() };
  source = new EventSource(`${at}/v1/stream?${key}&${new URLSearchParams(asked as Record<string, string>)}`);
  source.onmessage = ({ data }) => {
    const said = read(data);
    if (said?.type === "refetchEvaluation") ask(said.placements);
  };
}

/** Find the slots that are new, and fill them. */
function find() {
  const fresh: Slot[] = [];
  for (const element of document.querySelectorAll<HTMLElement>("[data-gyeol-placement]:not([data-gyeol-state])")) {
    const slot: Slot = {
      element,
      placement: element.dataset.gyeolPlacement ?? "",
      own: [...element.childNodes],
      template: element.querySelector("template"),
      state: "waiting",
      shown: false,
    };
    element.dataset.gyeolState = slot.state;
    element.addEventListener("click", ({ target }) => {
      if (slot.state !== "offer" || !(target instanceof Element)) return;
      if (target.closest("[data-gyeol-dismiss]")) {
        report("Offer Dismissed", slot);
        element.hidden = true;
      } else if (target.closest("a, button, .gyeol-offer")) report("Offer Clicked", slot);
    });
    fresh.push(slot);
  }
  if (!fresh.length) return;
  slots.push(...fresh);
  setTimeout(
    () => {
      for (const slot of fresh) if (slot.state === "waiting") show(slot);
    },
    Number(timeout ?? 400),
  );
  ask([...new Set(fresh.map(({ placement }) => placement))], true).then(listen);
}

const style = document.createElement("style");
style.textContent = "[data-gyeol-state=waiting]{visibility:hidden}";
document.head.append(style);
document.addEventListener("visibilitychange", () => {
  listen();
  slots.forEach(look);
});
addEventListener("DOMContentLoaded", find);
if (document.readyState !== "loading") find();
(window as unknown as { gyeol: unknown }).gyeol = { find };
