/** What the workspace's files call things that data know by their codes. Names are as on the wire. */
import type { Text } from "./types.ts";

type Named = { readonly [code: string]: Text };

export interface Names {
  offers: Named;
  /** By offer. */
  creatives: { readonly [offer: string]: Named };
  journeys: Named;
  campaigns: Named;
  /** By sku. */
  products: Named;
  stores: Named;
}
