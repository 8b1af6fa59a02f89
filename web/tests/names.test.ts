import { expect, it } from "vitest";
import { kindOf } from "../src/ui/kindOf.ts";

it.each([
  ["product", "products"],
  ["properties.product_id", "products"],
  ["cart_product", "products"],
  ["recent_products", "products"],
  ["sku", "products"],
  ["campaign_id", "campaigns"],
  ["at_store", "stores"],
  ["offer", "offers"],
  ["journey", "journeys"],
])("%s holds codes of %s", (name, kind) => {
  expect(kindOf(name)).toBe(kind);
});

it.each(["campaign_type", "store_distance_m", "products_distinct", "address", "id", ""])("%s holds none", (name) => {
  expect(kindOf(name)).toBeUndefined();
});
