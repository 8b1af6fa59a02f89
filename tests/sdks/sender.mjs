/**
 * A program that sends with one of the Node SDKs, unmodified: node sender.mjs <sdk> <url> <key>.
 * Each line of its input is ["track", {…}]; at the end of the input it flushes and prints {"failed": […]}.
 */
import { createInterface } from "node:readline";

const [sdk, url, key] = process.argv.slice(2);
const failed = [];
let open = 0;

const settle = (error) => {
  open -= 1;
  if (error) failed.push(String(error.message ?? error));
};

const senders = {
  "segment-node": async () => {
    const { Analytics } = await import("@segment/analytics-node");
    const analytics = new Analytics({ writeKey: key, host: url, flushInterval: 200, maxRetries: 10 });
    return {
      call: (name, payload) => analytics[name](payload, settle),
      close: () => analytics.closeAndFlush({ timeout: 180_000 }),
    };
  },
  "rudderstack-node": async () => {
    const { default: RudderAnalytics } = await import("@rudderstack/rudder-sdk-node");
    const analytics = new RudderAnalytics(key, {
      dataPlaneUrl: url,
      flushInterval: 200,
      retryCount: 10,
      logLevel: "none",
      errorHandler: () => {},
    });
    return {
      call: (name, payload) => analytics[name](payload, settle),
      close: async () => {
        while (open) {
          await analytics.flush();
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      },
    };
  },
};

const sender = await senders[sdk]();
for await (const line of createInterface({ input: process.stdin })) {
  const [name, payload] = JSON.parse(line);
  open += 1;
  sender.call(name, payload.timestamp ? { ...payload, timestamp: new Date(payload.timestamp) } : payload);
}
await sender.close();
process.stdout.write(`${JSON.stringify({ failed })}\n`);
