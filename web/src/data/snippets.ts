import type { SourceState } from "../api/running.ts";
import { SDKS, type Sdk } from "../app/search.ts";

/** SDKs that run where everybody can read the key. */
const IN_PUBLIC: readonly Sdk[] = ["html", "browser", "rudder"];

/** A server's key must not stand in a page: such a source is offered only what runs on a server. */
export function sdksFor(source: SourceState): readonly Sdk[] {
  return source.kind === "client" ? SDKS : SDKS.filter((sdk) => !IN_PUBLIC.includes(sdk));
}

export interface Snippet {
  /** What is typed once, before; empty where nothing has to be installed. */
  install: string;
  code: string;
}

/** Ready to paste: the address and the write key are those of this workspace. */
export function snippetOf(sdk: Sdk, url: string, key: string): Snippet {
  const base = url.replace(/\/$/, "");
  return SNIPPETS[sdk](base, key);
}

const SNIPPETS: Record<Sdk, (base: string, key: string) => Snippet> = {
  html: (base, key) => ({
    install: "",
    code: `<script src="https://cdn.jsdelivr.net/npm/@segment/analytics-next@1.84.3/dist/umd/index.js"></script>
<script>
  const analytics = AnalyticsNext.AnalyticsBrowser.load({
    writeKey: "${key}",
    cdnURL: "${base}",
  });
  analytics.page();
  analytics.track("Product Viewed", { product_id: "p-1", price: 12.5 });
  // Once you know who it is:
  analytics.identify("user-1");
</script>`,
  }),
  browser: (base, key) => ({
    install: "npm install @segment/analytics-next",
    code: `import { AnalyticsBrowser } from "@segment/analytics-next";

export const analytics = AnalyticsBrowser.load({
  writeKey: "${key}",
  cdnURL: "${base}",
});

analytics.page();
analytics.track("Product Viewed", { product_id: "p-1", price: 12.5 });
// Once you know who it is:
analytics.identify("user-1");`,
  }),
  node: (base, key) => ({
    install: "npm install @segment/analytics-node",
    code: `import { Analytics } from "@segment/analytics-node";

const analytics = new Analytics({ writeKey: "${key}", host: "${base}" });

analytics.identify({ userId: "user-1", traits: { email: "user-1@example.com" } });
analytics.track({
  userId: "user-1",
  event: "Order Completed",
  properties: { order_id: "o-1", revenue: 42.5, currency: "USD" },
});
await analytics.closeAndFlush();`,
  }),
  python: (base, key) => ({
    install: "pip install segment-analytics-python",
    code: `from segment import analytics

analytics.write_key = "${key}"
analytics.host = "${base}"

analytics.identify("user-1", {"email": "user-1@example.com"})
analytics.track("user-1", "Order Completed", {"order_id": "o-1", "revenue": 42.5, "currency": "USD"})
analytics.flush()`,
  }),
  curl: (base, key) => ({
    install: "",
    code: `curl -u "${key}:" ${base}/v1/track \\
  -d '{"userId": "user-1", "event": "Product Viewed", "properties": {"product_id": "p-1"}}'`,
  }),
  rudder: (base, key) => ({
    install: "npm install @rudderstack/analytics-js",
    code: `import { RudderAnalytics } from "@rudderstack/analytics-js/bundled";

export const analytics = new RudderAnalytics();
analytics.load("${key}", "${base}", { configUrl: "${base}" });

analytics.page();
analytics.track("Product Viewed", { product_id: "p-1", price: 12.5 });`,
  }),
};
