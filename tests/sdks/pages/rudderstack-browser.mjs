import { RudderAnalytics } from "@rudderstack/analytics-js/bundled";

const { url, key, options } = JSON.parse(new URLSearchParams(location.search).get("start"));
window.analytics = new RudderAnalytics();
window.analytics.load(key, url, { configUrl: url, logLevel: "NONE", ...options });
