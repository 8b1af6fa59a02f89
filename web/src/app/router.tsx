import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect, retainSearchParams } from "@tanstack/react-router";
import { OverviewPage } from "../overview/OverviewPage.tsx";
import { Waiting } from "../ui/States.tsx";
import { Crash, NoSuchPage } from "./Faults.tsx";
import { Frame } from "./Frame.tsx";
import {
  readCoupons,
  readCoverage,
  readGroups,
  readLetters,
  readLive,
  readMeasure,
  readPeople,
  readProfile,
  readQuarantine,
  readRoot,
  readSources,
  readSuggestions,
  readTexts,
} from "./search.ts";

const root = createRootRoute({
  component: Frame,
  notFoundComponent: NoSuchPage,
  errorComponent: Crash,
  validateSearch: readRoot,
  search: { middlewares: [retainSearchParams(["lang"])] },
});

const overview = createRoute({ getParentRoute: () => root, path: "/", component: OverviewPage });

const live = createRoute({
  getParentRoute: () => root,
  path: "live",
  component: lazyRouteComponent(() => import("../live/LivePage.tsx"), "LivePage"),
  validateSearch: readLive,
});

const people = createRoute({
  getParentRoute: () => root,
  path: "people",
  component: lazyRouteComponent(() => import("../people/PeoplePage.tsx"), "PeoplePage"),
  validateSearch: readPeople,
  search: { middlewares: [retainSearchParams(["q", "audience"])] },
});

const nobody = createRoute({
  getParentRoute: () => people,
  path: "/",
  component: lazyRouteComponent(() => import("../people/Nobody.tsx"), "Nobody"),
});

const profile = createRoute({
  getParentRoute: () => people,
  path: "$id",
  component: lazyRouteComponent(() => import("../profile/Profile.tsx"), "Profile"),
  validateSearch: readProfile,
});

const measure = createRoute({
  getParentRoute: () => root,
  path: "measure",
  component: lazyRouteComponent(() => import("../measure/MeasurePage.tsx"), "MeasurePage"),
  validateSearch: readMeasure,
});

const identity = createRoute({
  getParentRoute: () => root,
  path: "identity",
  component: lazyRouteComponent(() => import("../identity/IdentityPage.tsx"), "IdentityPage"),
});

const identityHome = createRoute({
  getParentRoute: () => identity,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/identity/suggestions", search: (now) => now, replace: true });
  },
});

const suggestions = createRoute({
  getParentRoute: () => identity,
  path: "suggestions",
  component: lazyRouteComponent(() => import("../identity/Suggestions.tsx"), "Suggestions"),
  validateSearch: readSuggestions,
});

const quarantine = createRoute({
  getParentRoute: () => identity,
  path: "quarantine",
  component: lazyRouteComponent(() => import("../identity/Quarantine.tsx"), "Quarantine"),
  validateSearch: readQuarantine,
});

const groups = createRoute({
  getParentRoute: () => identity,
  path: "groups",
  component: lazyRouteComponent(() => import("../identity/Groups.tsx"), "Groups"),
  validateSearch: readGroups,
});

const audit = createRoute({
  getParentRoute: () => identity,
  path: "audit",
  component: lazyRouteComponent(() => import("../identity/Audit.tsx"), "Audit"),
});

const content = createRoute({
  getParentRoute: () => root,
  path: "content",
  component: lazyRouteComponent(() => import("../content/ContentPage.tsx"), "ContentPage"),
});

const contentHome = createRoute({
  getParentRoute: () => content,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/content/texts", search: (now) => now, replace: true });
  },
});

const texts = createRoute({
  getParentRoute: () => content,
  path: "texts",
  component: lazyRouteComponent(() => import("../content/Texts.tsx"), "Texts"),
  validateSearch: readTexts,
});

const coverage = createRoute({
  getParentRoute: () => content,
  path: "coverage",
  component: lazyRouteComponent(() => import("../content/Coverage.tsx"), "Coverage"),
  validateSearch: readCoverage,
});

const coupons = createRoute({
  getParentRoute: () => content,
  path: "coupons",
  component: lazyRouteComponent(() => import("../content/Coupons.tsx"), "Coupons"),
  validateSearch: readCoupons,
});

const data = createRoute({
  getParentRoute: () => root,
  path: "data",
  component: lazyRouteComponent(() => import("../data/DataPage.tsx"), "DataPage"),
});

const dataHome = createRoute({
  getParentRoute: () => data,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/data/sources", search: (now) => now, replace: true });
  },
});

const sources = createRoute({
  getParentRoute: () => data,
  path: "sources",
  component: lazyRouteComponent(() => import("../data/Sources.tsx"), "Sources"),
  validateSearch: readSources,
});

const rejected = createRoute({
  getParentRoute: () => data,
  path: "rejected",
  component: lazyRouteComponent(() => import("../data/Letters.tsx"), "Letters"),
  validateSearch: readLetters,
});

const plan = createRoute({
  getParentRoute: () => data,
  path: "plan",
  component: lazyRouteComponent(() => import("../data/Violations.tsx"), "Violations"),
});

const tree = root.addChildren([
  overview,
  live,
  people.addChildren([nobody, profile]),
  measure,
  identity.addChildren([identityHome, suggestions, quarantine, groups, audit]),
  content.addChildren([contentHome, texts, coverage, coupons]),
  data.addChildren([dataHome, sources, rejected, plan]),
]);

export function makeRouter() {
  return createRouter({
    routeTree: tree,
    scrollRestoration: true,
    defaultPreload: "intent",
    defaultPreloadStaleTime: 0,
    defaultPendingComponent: () => <Waiting lines={6} tall />,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
