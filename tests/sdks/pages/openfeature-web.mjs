import { OFREPWebProvider } from "@openfeature/ofrep-web-provider";
import { OpenFeature } from "@openfeature/web-sdk";

const { url, key, options } = JSON.parse(new URLSearchParams(location.search).get("start"));
const { context, ...rest } = options;
window.changes = [];
OpenFeature.addHandler("PROVIDER_CONFIGURATION_CHANGED", ({ flagsChanged }) => window.changes.push(flagsChanged));
const provider = new OFREPWebProvider({ baseUrl: url, headers: [["Authorization", `Bearer ${key}`]], ...rest });
window.failed = await OpenFeature.setProviderAndWait(provider, context).then(
  () => "",
  (error) => `${error.code}: ${error.message}`,
);
window.flags = OpenFeature.getClient();
