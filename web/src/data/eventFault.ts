/** What is wrong with a text that should be one event: codes of the catalogue's `letters.faults`, with where it is. */
export interface EventFault {
  code: "empty" | "json" | "object" | "type" | "identity" | "event" | "timestamp";
  /** From 1; null where the fault has no one place. */
  line: number | null;
  column: number | null;
  /** True: the text cannot be sent. False: it can, and will probably be rejected again. */
  blocks: boolean;
}

const TYPES = new Set(["track", "identify", "page", "screen", "group", "alias"]);

/** The first fault, or null. The collector judges at the end: this only spares a trip. */
export function eventFault(text: string): EventFault | null {
  const without = { line: null, column: null };
  if (!text.trim()) return { code: "empty", ...without, blocks: true };
  const value = parsed(text);
  if (value === undefined) return { code: "json", ...placeOf(text, brokenAt(text)), blocks: true };
  if (typeof value !== "object" || value === null || Array.isArray(value)) return { code: "object", ...without, blocks: true };
  const event = value as Record<string, unknown>;
  if (typeof event.type !== "string" || !TYPES.has(event.type)) return { code: "type", ...without, blocks: false };
  if (!isId(event.userId) && !isId(event.anonymousId)) return { code: "identity", ...without, blocks: false };
  if (event.type === "track" && !isId(event.event)) return { code: "event", ...without, blocks: false };
  if (!isInstant(event.timestamp) || !isInstant(event.originalTimestamp)) return { code: "timestamp", ...without, blocks: false };
  return null;
}

/** Source: RFC 3339, section 5.6; an event without a timestamp has the time of receipt. */
const INSTANT = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d([.,]\d+)?)?\s*(Z|[+-]\d\d:?\d\d)?)?$/i;
const isInstant = (value: unknown) => value === undefined || value === null || (typeof value === "string" && INSTANT.test(value));

const isId = (value: unknown) => (typeof value === "string" && value !== "") || typeof value === "number";

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Browsers say in their own words where JSON breaks, or not at all: the longest beginning that can still become JSON says it alike. */
function brokenAt(text: string): number {
  const at = new Scanner(text).value();
  return Math.min(Math.abs(at), text.length);
}

function placeOf(text: string, at: number): { line: number; column: number } {
  const before = text.slice(0, at).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

const WORD = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids them in strings (RFC 8259, section 7)
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const SPACE = /[ \t\r\n]*/y;

/** Reads JSON and stops where it breaks. */
class Scanner {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** Where the first value of the text and nothing else ends, or the negated place of the fault. */
  value(): number {
    const fine = this.read();
    this.skip(SPACE);
    return fine && this.at === this.text.length ? this.at : -this.at;
  }

  private read(): boolean {
    this.skip(SPACE);
    const first = this.text[this.at];
    if (first === "{") return this.list("}", () => this.skip(STRING) && this.sign(":") && this.read());
    if (first === "[") return this.list("]", () => this.read());
    return this.skip(first === '"' ? STRING : WORD);
  }

  private list(end: string, entry: () => boolean): boolean {
    this.at += 1;
    if (this.sign(end)) return true;
    do {
      this.skip(SPACE);
      if (!entry()) return false;
    } while (this.sign(","));
    return this.sign(end);
  }

  private sign(wanted: string): boolean {
    this.skip(SPACE);
    if (this.text[this.at] !== wanted) return false;
    this.at += 1;
    return true;
  }

  private skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found) this.at += found[0].length;
    return found !== null;
  }
}
