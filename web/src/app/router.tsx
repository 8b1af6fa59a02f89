import { createRootRoute, createRoute, createRouter, redirect, retainSearchParams } from "@tanstack/react-router";
import { Overview } from "../overview/Overview.tsx";
import { PeoplePage } from "../people/PeoplePage.tsx";
import { Profile } from "../profile/Profile.tsx";
import { Crash, NoSuchPage } from "./Faults.tsx";
import { Frame } from "./Frame.tsx";
import { readPeople, readProfile, readRoot } from "./search.ts";

const root = createRootRoute({
  component: Frame,
  notFoundComponent: NoSuchPage,
  errorComponent: Crash,
  validateSearch: readRoot,
  search: { middlewares: [retainSearchParams(["lang"])] },
});

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/people", search: (now) => now, replace: true });
  },
});

const people = createRoute({
  getParentRoute: () => root,
  path: "people",
  component: PeoplePage,
  validateSearch: readPeople,
  search: { middlewares: [retainSearchParams(["q", "audience"])] },
});

const overview = createRoute({ getParentRoute: () => people, path: "/", component: Overview });

const profile = createRoute({
  getParentRoute: () => people,
  path: "$id",
  component: Profile,
  validateSearch: readProfile,
});

const tree = root.addChildren([home, people.addChildren([overview, profile])]);

export function makeRouter() {
  return createRouter({ routeTree: tree, scrollRestoration: true, defaultPreload: "intent", defaultPreloadStaleTime: 0 });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
