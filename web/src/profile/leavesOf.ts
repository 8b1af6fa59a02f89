import type { Explained } from "../api/types.ts";

export type Joint = "and" | "or";

export interface Leaf {
  leaf: Explained;
  /** Where it stands in the tree, as a key. */
  path: string;
  depth: number;
  /** Set on the first test of a group: how the group's members are joined. */
  joint: Joint | null;
}

/** The tests of a condition from left to right; the first of each group says how the group is joined. */
export function leavesOf(tree: Explained, path = "0", depth = 0): Leaf[] {
  if (!tree.parts?.length) return [{ leaf: tree, path, depth, joint: null }];
  const joint: Joint = tree.op === "OR" ? "or" : "and";
  const [first, ...rest] = tree.parts.flatMap((part, i) => leavesOf(part, `${path}.${i}`, part.parts?.length ? depth + 1 : depth));
  return first ? [first.joint === null ? { ...first, joint } : first, ...rest] : [];
}
