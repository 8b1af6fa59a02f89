import { AnalyticsBrowser } from "@segment/analytics-next";

const { url, key, options } = JSON.parse(new URLSearchParams(location.search).get("start"));
window.analytics = AnalyticsBrowser.load({ writeKey: key, cdnURL: url }, options);
