// The package's browser build as a module: it is a script that leaves one global.
export const { AnalyticsBrowser } = window.AnalyticsNext;
