import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { en } from "../src/i18n/en.ts";

const SOURCE = join(import.meta.dirname, "../src");
const code = readdirSync(SOURCE, { recursive: true, encoding: "utf8" })
  .filter((path) => /\.tsx?$/.test(path))
  .map((path) => readFileSync(join(SOURCE, path), "utf8"))
  .join("\n");

/** `people.title` and every node above it: a part read as a whole (`t.values`, `t.traits.kinds[…]`) is read. */
function isRead(path: string[]): boolean {
  for (let length = path.length; length > 0; length--) {
    const name = `(?:t|en)\\.${path.slice(0, length).join("\\.")}`;
    if (new RegExp(length === path.length ? `\\b${name}\\b` : `\\b${name}(?:\\[|[,);}])`).test(code)) return true;
  }
  return false;
}

function leaves(of: object, path: string[] = []): string[][] {
  return Object.entries(of).flatMap(([key, value]) => (typeof value === "object" ? leaves(value, [...path, key]) : [[...path, key]]));
}

it("every word of the catalogue is shown somewhere", () => {
  const unread = leaves(en).filter((path) => !isRead(path));
  expect(unread.map((path) => path.join("."))).toEqual([]);
});
