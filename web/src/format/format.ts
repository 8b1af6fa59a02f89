import type { Instant, Lang, Money, Value } from "../api/types.ts";

/** What a value looks like in one language and one time zone. */
export interface Format {
  number: (value: number) => string;
  /** 12.3만 / 123K: for headline figures. */
  compact: (value: number) => string;
  share: (ratio: number) => string;
  /** A number with its unit of ECMA-402, at most `digits` behind the point. */
  unit: (value: number, unit: string, digits: number) => string;
  money: (value: Money) => string;
  compactMoney: (value: Money) => string;
  day: (at: Instant) => string;
  time: (at: Instant) => string;
  /** With seconds: for streams. */
  clock: (at: Instant) => string;
  /** The day as short as it can be: for streams that cross midnight. */
  shortDay: (at: Instant) => string;
  dateTime: (at: Instant) => string;
  /** The zone in which all of these are said: “GMT+9”. */
  zone: (at: Instant) => string;
  /** A key that is equal for two instants of the same day in the zone. */
  dayKey: (at: Instant) => string;
  relative: (at: Instant, now: Instant) => string;
  list: (items: readonly string[]) => string;
  value: (value: Value) => string;
}

interface Words {
  yes: string;
  no: string;
  none: string;
}

const LOCALES: Record<Lang, string> = { ko: "ko-KR", en: "en-GB" };
const STEPS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 365.25 * 86_400_000],
  ["month", 30.44 * 86_400_000],
  ["week", 7 * 86_400_000],
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
];

/** What is short of all is never rounded up to it, and what is more than nothing never down to that. */
const ALMOST_ALL = 0.999;
const HARDLY_ANY = 0.001;

export function toMs(at: Instant): number {
  return typeof at === "number" ? at : Date.parse(at);
}

export function isMoney(value: Value | undefined): value is Money {
  return typeof value === "object" && value !== null && !Array.isArray(value) && "minor" in value && "currency" in value;
}

/** Minor units are whole; how many digits the currency has comes from the browser's ISO 4217 table. */
function moneyFormat(locale: string, options: Intl.NumberFormatOptions): (value: Money) => string {
  const formats = new Map<string, { show: Intl.NumberFormat; digits: number }>();
  return ({ minor, currency }) => {
    let found = formats.get(currency);
    if (!found) {
      const plain = new Intl.NumberFormat(locale, { style: "currency", currency });
      const digits = plain.resolvedOptions().maximumFractionDigits ?? 2;
      found = { show: new Intl.NumberFormat(locale, { style: "currency", currency, currencyDisplay: "narrowSymbol", ...options }), digits };
      formats.set(currency, found);
    }
    return found.show.format(minor / 10 ** found.digits);
  };
}

export function formatFor(lang: Lang, zone: string, words: Words): Format {
  const locale = LOCALES[lang];
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 });
  const compact = new Intl.NumberFormat(locale, { notation: "compact", maximumFractionDigits: 1, useGrouping: "always" });
  const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 });
  const day = new Intl.DateTimeFormat(locale, { timeZone: zone, year: "numeric", month: "long", day: "numeric", weekday: "short" });
  const time = new Intl.DateTimeFormat(locale, { timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const clock = new Intl.DateTimeFormat(locale, {
    timeZone: zone,
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  });
  const shortDay = new Intl.DateTimeFormat(locale, { timeZone: zone, month: "short", day: "numeric" });
  const dateTime = new Intl.DateTimeFormat(locale, {
    timeZone: zone,
    year: "numeric",
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  const zoned = new Intl.DateTimeFormat(locale, { timeZone: zone, timeZoneName: "short" });
  const key = new Intl.DateTimeFormat("en-CA", { timeZone: zone });
  const ago = new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" });
  const list = new Intl.ListFormat(locale, { type: "conjunction", style: "narrow" });
  const money = moneyFormat(locale, {});

  function relative(at: Instant, now: Instant): string {
    const distance = toMs(at) - toMs(now);
    for (const [unit, length] of STEPS) {
      if (Math.abs(distance) >= length) return ago.format(Math.trunc(distance / length), unit);
    }
    return ago.format(0, "second");
  }

  function value(of: Value): string {
    if (of === null) return words.none;
    if (typeof of === "boolean") return of ? words.yes : words.no;
    if (typeof of === "number") return number.format(of);
    if (typeof of === "string") return of;
    if (isMoney(of)) return money(of);
    if (Array.isArray(of)) return of.length ? of.map(value).join(", ") : words.none;
    return JSON.stringify(of);
  }

  return {
    number: (n) => number.format(n),
    compact: (n) => compact.format(n),
    share: (ratio) =>
      ratio > 0 && ratio < HARDLY_ANY / 2
        ? `<${percent.format(HARDLY_ANY)}`
        : percent.format(ratio < 1 ? Math.min(ratio, ALMOST_ALL) : ratio),
    unit: (n, unit, digits) =>
      new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: digits }).format(n),
    money,
    compactMoney: moneyFormat(locale, { notation: "compact", maximumFractionDigits: 1, useGrouping: "always" }),
    day: (at) => day.format(toMs(at)),
    time: (at) => time.format(toMs(at)),
    clock: (at) => clock.format(toMs(at)),
    shortDay: (at) => shortDay.format(toMs(at)),
    dateTime: (at) => dateTime.format(toMs(at)),
    zone: (at) => zoned.formatToParts(toMs(at)).find((part) => part.type === "timeZoneName")?.value ?? zone,
    dayKey: (at) => key.format(toMs(at)),
    relative,
    list: (items) => list.format(items),
    value,
  };
}
