import type { Names } from "../api/names.ts";

export type NamedKind = Exclude<keyof Names, "creatives">;

const KINDS = new Map<string, NamedKind>([
  ["campaign", "campaigns"],
  ["journey", "journeys"],
  ["offer", "offers"],
  ["product", "products"],
  ["sku", "products"],
  ["store", "stores"],
]);
/** The last word of `properties.product_id`, `cart_product`, `recent_products`. */
const LAST_WORD = /([a-z]+?)s?(?:_ids?)?$/;

/** Of what kind the codes are that stand under a name; undefined: of none that the workspace's files name. */
export function kindOf(name: string): NamedKind | undefined {
  return KINDS.get(LAST_WORD.exec(name)?.[1] ?? "");
}
