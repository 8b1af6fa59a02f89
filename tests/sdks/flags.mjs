/**
 * A program that evaluates flags with OpenFeature's server SDK: node flags.mjs <url> <key>.
 * Each line of its input is ["getStringDetails", flag, default, context]; each line of its output is the details.
 */
import { createInterface } from "node:readline";
import { OFREPProvider } from "@openfeature/ofrep-provider";
import { OpenFeature } from "@openfeature/server-sdk";

const [url, key] = process.argv.slice(2);
await OpenFeature.setProviderAndWait(new OFREPProvider({ baseUrl: url, headers: [["Authorization", `Bearer ${key}`]] }));
const client = OpenFeature.getClient();
for await (const line of createInterface({ input: process.stdin })) {
  const [method, ...given] = JSON.parse(line);
  process.stdout.write(`${JSON.stringify(await client[method](...given))}\n`);
}
process.exit(0);
