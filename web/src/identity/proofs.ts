import type { Evidence, Identifier, Person } from "../api/types.ts";
import type { Proofs } from "../app/search.ts";

/** What became of a statement: it joins, it is held back, somebody cut it. */
export type Status = Exclude<Proofs, "all">;

export interface Proof {
  key: string;
  status: Status;
  of: Evidence;
}

/** How a command names an identifier. */
export const refOf = (of: Identifier): string => of.id || `${of.type}:${of.value}`;

/** All statements about a person: those that join first, then what is held back, then what was cut; each led by what somebody said by hand. */
export function proofsOf(person: Person): Proof[] {
  const listed: [Status, readonly Evidence[]][] = [
    ["accepted", person.evidence],
    ["held", person.quarantined],
    ["cut", person.withdrawn],
  ];
  const byHand = (of: Evidence) => Number(of.kind !== "command");
  return listed.flatMap(([status, evidence]) =>
    evidence
      .toSorted((a, b) => byHand(a) - byHand(b))
      .map((of) => ({ key: [status, refOf(of.a), refOf(of.b), of.trust, of.source, of.kind].join("|"), status, of })),
  );
}

/** The statements of one state, and of one identifier if one is marked. */
export function chosen(proofs: readonly Proof[], status: Proofs, mark: string | undefined): Proof[] {
  return proofs.filter(
    (one) => (status === "all" || one.status === status) && (!mark || refOf(one.of.a) === mark || refOf(one.of.b) === mark),
  );
}
