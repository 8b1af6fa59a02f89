import type { Explained, Trait, Value } from "../api/types.ts";
import { isMoney } from "../format/format.ts";
import { useSpeech } from "../i18n/language.tsx";
import { FIELDS } from "../i18n/terms.ts";
import { useNames } from "../ui/useNames.ts";
import { ValueView } from "../ui/ValueView.tsx";
import { type Leaf, leavesOf } from "./leavesOf.ts";

const MARKS = { true: "✓", false: "✕", unknown: "?" } as const;

/** The tests of a condition, each with what was found and what was wanted. */
export function Compared({ explained, traits }: { explained: Explained; traits: readonly Trait[] }) {
  const { t } = useSpeech();
  return (
    <details className="compared">
      <summary>{t.audiences.compared}</summary>
      <ul className="leaves">
        {leavesOf(explained).map((one) => (
          <LeafItem key={one.path} one={one} trait={traits.find((trait) => trait.name === one.leaf.subject)} />
        ))}
      </ul>
    </details>
  );
}

function LeafItem({ one: { leaf, joint, depth }, trait }: { one: Leaf; trait: Trait | undefined }) {
  const { t, label, name } = useSpeech();
  const subject = leaf.subject ?? "";
  const said = trait ? label(trait.label, trait.name) : name(FIELDS, subject.replace(/^moment\./, ""));
  const asks = leaf.found !== undefined || subject !== "";
  return (
    <li className={depth > 0 ? "leaf is-deep" : "leaf"}>
      {joint ? <span className="joint">{t.audiences[joint]}</span> : null}
      <span className={`mark is-${leaf.verdict}`} aria-hidden="true">
        {MARKS[leaf.verdict]}
      </span>
      <span className="visually-hidden">{t.audiences.verdict[leaf.verdict]}: </span>
      <span className="leaf-text" title={leaf.sql}>
        {said}
        {leaf.stale?.length ? (
          <span className="leaf-stale">
            {t.audiences.stale(leaf.stale.map((one) => name(FIELDS, one.replace(/^moment\./, ""))).join(", "))}
          </span>
        ) : null}
      </span>
      <span className="leaf-values">
        {asks ? (
          <span className="leaf-value">
            <span className="leaf-word">{t.audiences.found}</span>{" "}
            <ValueView value={inMoney(leaf.found ?? null, trait)} of={subject.replace(/^moment\./, "")} />
          </span>
        ) : null}
        <span className="leaf-value">
          <span className="leaf-word">{t.audiences.wanted}</span> {t.audiences.ops[leaf.op] ?? leaf.op} <Wanted leaf={leaf} trait={trait} />
        </span>
      </span>
    </li>
  );
}

function Wanted({ leaf, trait }: { leaf: Explained; trait: Trait | undefined }) {
  const { format } = useSpeech();
  const { wordOf } = useNames();
  const subject = leaf.subject?.replace(/^moment\./, "") ?? "";
  const wanted =
    leaf.wanted?.map((value) => (typeof value === "string" ? wordOf(subject, value) : format.value(inMoney(value, trait)))) ?? [];
  return <span className="value is-number">{wanted.join(leaf.op.endsWith("between") ? " – " : ", ")}</span>;
}

/** Conditions compare money in minor units; a trait that is money says in which currency they are. */
function inMoney(value: Value, trait: Trait | undefined): Value {
  const currency = isMoney(trait?.value) ? trait.value.currency : trait?.type === "money" ? trait.unit : null;
  return typeof value === "number" && currency ? { minor: value, currency } : value;
}
