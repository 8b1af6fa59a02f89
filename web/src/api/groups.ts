/** The shapes of groups of people: households, accounts. Names are as on the wire. */
import type { Text, Trait } from "./types.ts";

export interface GroupAudience {
  name: string;
  label: Text;
  size: number;
  sentence: Text;
  condition: string;
}

export interface GroupKind {
  name: string;
  label: Text;
  description: Text;
  size: number;
  audiences: GroupAudience[];
}

export interface GroupLine {
  kind: string;
  id: string;
  /** What names it, masked where the kind is personal. */
  value: string;
  people: number;
  /** More people than the kind allows: no traits, in no audience. */
  crowded: boolean;
  audiences: string[];
  traits: Trait[];
}

export interface GroupsPage {
  kinds: GroupKind[];
  groups: GroupLine[];
  next: string | null;
  total: number | null;
}

export interface Group {
  group: GroupLine;
  members: { id: string; name: string }[];
  /** Whether those are all of its people. */
  complete: boolean;
}

/** A group that a person is in. */
export interface GroupOfPerson {
  kind: string;
  label: Text;
  id: string;
  value: string;
  people: number;
  crowded: boolean;
}
