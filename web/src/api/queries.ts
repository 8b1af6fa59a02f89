import { infiniteQueryOptions, keepPreviousData, QueryClient, queryOptions } from "@tanstack/react-query";
import { ApiError, get, post } from "./client.ts";
import type { ContentAnswer, ContentsAnswer, CoverageAnswer, DiffAnswer, PreviewAnswer, PreviewRequest } from "./contents.ts";
import type { CouponsView } from "./coupons.ts";
import type { Group, GroupsPage } from "./groups.ts";
import type { Act, AuditPage, HeldPage, Preview, SuggestionsPage } from "./identity.ts";
import type { Names } from "./names.ts";
import type { CampaignsAnswer, Decided, MomentAnswer, Policy } from "./results.ts";
import type { DeadLetter, DeadLettersPage, Overview, SourcesAnswer, ViolationsAnswer } from "./running.ts";
import type {
  AudienceSummary,
  Decision,
  Funnel,
  Kpi,
  Message,
  PeoplePage,
  Person,
  StageCount,
  Status,
  Text,
  TimelinePage,
} from "./types.ts";

const PEOPLE_PAGE = 40;
const TIMELINE_PAGE = 50;
/** How often the live figures are asked for, in ms. */
const LIVE_MS = 5_000;
const MEASURES_MS = 30_000;
/** Names change with the definitions, not with the events. */
export const NAMES_MS = 300_000;
const LETTERS_PAGE = 50;
const QUEUE_PAGE = 50;

export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 2_000,
        refetchOnWindowFocus: true,
        retry: (count, error) => count < 1 && error instanceof ApiError && error.mayPass,
        retryDelay: 400,
      },
    },
  });
}

const person = (id: string) => `/v1/people/${encodeURIComponent(id)}`;

export const statusQuery = queryOptions({
  queryKey: ["status"],
  queryFn: ({ signal }) => get<Status>("/v1/status", {}, signal),
  refetchInterval: LIVE_MS,
});

export const namesQuery = queryOptions({
  queryKey: ["names"],
  queryFn: ({ signal }) => get<Names>("/v1/names", {}, signal),
  staleTime: NAMES_MS,
});

/** From an instant on, in milliseconds; null: over everything that is kept. */
export const kpisQuery = (from: number | null) =>
  queryOptions({
    queryKey: ["kpis", from],
    queryFn: async ({ signal }) => (await get<{ kpis: Kpi[] }>("/v1/measures/kpis", { from }, signal)).kpis,
    placeholderData: keepPreviousData,
    refetchInterval: MEASURES_MS,
  });

export const stagesQuery = queryOptions({
  queryKey: ["stages"],
  queryFn: async ({ signal }) => (await get<{ stages: StageCount[] }>("/v1/measures/stages", {}, signal)).stages,
  refetchInterval: MEASURES_MS,
});

export const funnelsQuery = queryOptions({
  queryKey: ["funnels"],
  queryFn: async ({ signal }) => (await get<{ funnels: { name: string; label: Text }[] }>("/v1/measures/funnels", {}, signal)).funnels,
  staleTime: MEASURES_MS,
});

export const funnelQuery = (name: string, from: number | null) =>
  queryOptions({
    queryKey: ["funnel", name, from],
    queryFn: ({ signal }) => get<Funnel>(`/v1/measures/funnels/${encodeURIComponent(name)}`, { from }, signal),
    placeholderData: keepPreviousData,
    refetchInterval: MEASURES_MS,
  });

export const campaignsQuery = queryOptions({
  queryKey: ["campaigns"],
  queryFn: ({ signal }) => get<CampaignsAnswer>("/v1/measures/campaigns", {}, signal),
  refetchInterval: MEASURES_MS,
});

export const actedQuery = (from: number | null) =>
  queryOptions({
    queryKey: ["acted", from],
    queryFn: async ({ signal }) => (await get<{ decisions: Decided[] }>("/v1/measures/acted", { from }, signal)).decisions,
    placeholderData: keepPreviousData,
    refetchInterval: MEASURES_MS,
  });

export const policiesQuery = queryOptions({
  queryKey: ["policies"],
  queryFn: async ({ signal }) => (await get<{ policies: Policy[] }>("/v1/policies", {}, signal)).policies,
  refetchInterval: MEASURES_MS,
});

export const audiencesQuery = queryOptions({
  queryKey: ["audiences"],
  queryFn: async ({ signal }) => (await get<{ audiences: AudienceSummary[] }>("/v1/audiences", {}, signal)).audiences,
  refetchInterval: MEASURES_MS,
});

export const peopleQuery = (query: string, audience: string) =>
  infiniteQueryOptions({
    queryKey: ["people", query, audience],
    queryFn: ({ pageParam, signal }) => get<PeoplePage>("/v1/people", { query, audience, limit: PEOPLE_PAGE, cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    placeholderData: keepPreviousData,
  });

export const personQuery = (id: string) =>
  queryOptions({
    queryKey: ["person", id],
    queryFn: ({ signal }) => get<Person>(person(id), {}, signal),
    refetchInterval: LIVE_MS * 2,
  });

export const momentQuery = (id: string) =>
  queryOptions({
    queryKey: ["moment", id],
    queryFn: ({ signal }) => get<MomentAnswer>(`${person(id)}/moment`, {}, signal),
    refetchInterval: LIVE_MS * 2,
  });

export const timelineQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ["timeline", id],
    queryFn: ({ pageParam, signal }) => get<TimelinePage>(`${person(id)}/timeline`, { limit: TIMELINE_PAGE, before: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
  });

export const decisionsQuery = (id: string) =>
  queryOptions({
    queryKey: ["decisions", id],
    queryFn: async ({ signal }) => (await get<{ decisions: Decision[] }>(`${person(id)}/decisions`, {}, signal)).decisions,
  });

export const messagesQuery = (id: string) =>
  queryOptions({
    queryKey: ["messages", id],
    queryFn: async ({ signal }) => (await get<{ messages: Message[] }>(`${person(id)}/messages`, {}, signal)).messages,
  });

export const overviewQuery = queryOptions({
  queryKey: ["overview"],
  queryFn: ({ signal }) => get<Overview>("/v1/overview", {}, signal),
  refetchInterval: LIVE_MS,
});

export const sourcesQuery = queryOptions({
  queryKey: ["sources"],
  queryFn: ({ signal }) => get<SourcesAnswer>("/v1/sources", {}, signal),
  refetchInterval: LIVE_MS,
});

export const violationsQuery = queryOptions({
  queryKey: ["violations"],
  queryFn: ({ signal }) => get<ViolationsAnswer>("/v1/violations", {}, signal),
  refetchInterval: MEASURES_MS,
});

export const lettersQuery = (code: string, source: string, status: string) =>
  infiniteQueryOptions({
    queryKey: ["dead-letters", code, source, status],
    queryFn: ({ pageParam, signal }) =>
      get<DeadLettersPage>("/v1/dead-letters", { code, source, status, limit: LETTERS_PAGE, cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    placeholderData: keepPreviousData,
    refetchInterval: MEASURES_MS,
  });

export const letterQuery = (id: string) =>
  queryOptions({
    queryKey: ["dead-letter", id],
    queryFn: ({ signal }) => get<DeadLetter>(`/v1/dead-letters/${encodeURIComponent(id)}`, {}, signal),
  });

export const quarantineQuery = infiniteQueryOptions({
  queryKey: ["quarantine"],
  queryFn: ({ pageParam, signal }) => get<HeldPage>("/v1/identity/quarantine", { limit: QUEUE_PAGE, cursor: pageParam }, signal),
  initialPageParam: null as string | null,
  getNextPageParam: (last) => last.next,
  refetchInterval: MEASURES_MS,
});

export const suggestionsQuery = infiniteQueryOptions({
  queryKey: ["suggestions"],
  queryFn: ({ pageParam, signal }) => get<SuggestionsPage>("/v1/suggestions", { limit: QUEUE_PAGE, cursor: pageParam }, signal),
  initialPageParam: null as string | null,
  getNextPageParam: (last) => last.next,
  refetchInterval: MEASURES_MS,
});

export const groupKindsQuery = queryOptions({
  queryKey: ["group-kinds"],
  queryFn: async ({ signal }) => (await get<GroupsPage>("/v1/groups", {}, signal)).kinds,
  refetchInterval: MEASURES_MS,
});

export const groupsQuery = (kind: string, audience: string) =>
  infiniteQueryOptions({
    queryKey: ["groups", kind, audience],
    queryFn: ({ pageParam, signal }) => get<GroupsPage>("/v1/groups", { kind, audience, limit: QUEUE_PAGE, cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    placeholderData: keepPreviousData,
    enabled: kind !== "",
    refetchInterval: MEASURES_MS,
  });

export const groupQuery = (kind: string, id: string) =>
  queryOptions({
    queryKey: ["group", kind, id],
    queryFn: ({ signal }) => get<Group>(`/v1/groups/${encodeURIComponent(kind)}/${encodeURIComponent(id)}`, {}, signal),
    refetchInterval: MEASURES_MS,
  });

/** Written behind the state: a line comes a moment after what it tells of. */
export const auditQuery = infiniteQueryOptions({
  queryKey: ["audit"],
  queryFn: ({ pageParam, signal }) => get<AuditPage>("/v1/audit", { limit: QUEUE_PAGE, cursor: pageParam }, signal),
  initialPageParam: null as string | null,
  getNextPageParam: (last) => last.next,
  refetchInterval: LIVE_MS,
});

/** What a command on people would do. Asked anew each time: people change. */
export const previewQuery = (act: Act | null) =>
  queryOptions({
    queryKey: ["preview", act],
    queryFn: () => post<Preview>("/v1/people/preview", act),
    enabled: act !== null,
    staleTime: 0,
    gcTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
  });

export const contentsQuery = queryOptions({
  queryKey: ["contents"],
  queryFn: ({ signal }) => get<ContentsAnswer>("/v1/contents", {}, signal),
  refetchInterval: MEASURES_MS,
});

export const contentQuery = (name: string) =>
  queryOptions({
    queryKey: ["content", name],
    queryFn: ({ signal }) => get<ContentAnswer>(`/v1/contents/${encodeURIComponent(name)}`, {}, signal),
  });

export const contentDiffQuery = (name: string) =>
  queryOptions({
    queryKey: ["content-diff", name],
    queryFn: ({ signal }) => get<DiffAnswer>(`/v1/contents/${encodeURIComponent(name)}/diff`, {}, signal),
  });

/** What would be said, of saved or unsaved words; the last answer stays until the next has come. */
export const contentPreviewQuery = (asked: PreviewRequest) =>
  queryOptions({
    queryKey: ["content-preview", asked],
    queryFn: () => post<PreviewAnswer>("/v1/contents/preview", asked),
    placeholderData: keepPreviousData,
    staleTime: LIVE_MS,
    retry: false,
  });

export const coverageQuery = (content: string) =>
  queryOptions({
    queryKey: ["coverage", content],
    queryFn: ({ signal }) => get<CoverageAnswer>("/v1/contents/coverage", { content }, signal),
  });

export const poolsQuery = queryOptions({
  queryKey: ["coupons"],
  queryFn: ({ signal }) => get<CouponsView>("/v1/coupons", {}, signal),
  refetchInterval: LIVE_MS * 2,
});

export const couponLedgerQuery = (pool: string) =>
  infiniteQueryOptions({
    queryKey: ["coupon-ledger", pool],
    queryFn: ({ pageParam, signal }) =>
      get<CouponsView>(`/v1/coupons/${encodeURIComponent(pool)}/ledger`, { limit: LETTERS_PAGE, cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    refetchInterval: MEASURES_MS,
  });

export const couponDoubtsQuery = queryOptions({
  queryKey: ["coupon-doubts"],
  queryFn: ({ signal }) => get<CouponsView>("/v1/coupon-doubts", { limit: LETTERS_PAGE }, signal),
  refetchInterval: MEASURES_MS,
});
