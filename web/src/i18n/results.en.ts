import { counted } from "./counted.ts";

/** English words for what is true of somebody now, and for what came of what was done. */
export const resultsEn = {
  now: {
    title: "True right now",
    all: (n: string) => `All ${counted(n, "fact", "facts")}, with source, age and certainty`,
    fact: "Fact",
    value: "Value",
    source: "Source",
    observed: "Observed",
    confidence: "How sure",
    was: (what: string) => `unknown (was ${what})`,
    unsure: (share: string) => `${share} sure`,
    none: "Nothing is known of this person right now.",
    sources: {
      behaviour: "behaviour",
      calendar: "calendar",
      clock: "clock",
      emotion: "what they wrote",
      rule: "rule",
      workspace: "default of the workspace",
    } as Record<string, string>,
  },
  results: {
    campaigns: "Campaigns",
    campaign: "Campaign",
    period: "Period",
    reached: "People reached",
    ordering: "Of them ordered",
    orders: "Orders",
    revenue: "Revenue",
    redemptions: "Offers used",
    noCampaigns: "No campaigns yet",
    noCampaignsHint:
      "Campaigns that the data or the workspace's files describe are listed here with who was reached and what they ordered.",
    offers: "What was decided",
    offersNote: "Chosen how often and for how many. Whoever is held out sees the default, so that effects can be measured.",
    place: "Where",
    offer: "Offer",
    decisions: "Decisions",
    people: "People",
    total: "Total",
    nothing: "Nothing",
    policies: "Learned policies",
    deciding: (when: string) => `Decides since ${when}`,
    learning: "Only learns",
    learningWhy: "No verdict says yet that it is better than what decides now. gyeol policy evaluate asks for one.",
    learned: (n: string) => `Has learned from ${counted(n, "decision", "decisions")}`,
  },
  leaving: {
    unsaved: "What you changed is not saved. Leave all the same?",
  },
};
