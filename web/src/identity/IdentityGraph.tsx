import { Link, useSearch } from "@tanstack/react-router";
import type { Person } from "../api/types.ts";
import { useWidth } from "../charts/useWidth.ts";
import { useSpeech } from "../i18n/language.tsx";
import { ScrollBox } from "../ui/ScrollBox.tsx";
import { BOX, columnWidth, curve, type Layout, layoutOf, placeOf, ROW, type Spot } from "./layout.ts";
import type { Proof, Status } from "./proofs.ts";

const STATUSES = ["accepted", "held", "cut"] as const satisfies readonly Status[];

/** From so many lines on they are drawn thinner. */
const MANY = 20;

/** Identifiers as boxes in columns, statements as lines; the table below says the same in words. */
export function IdentityGraph({ person, proofs }: { person: Person; proofs: readonly Proof[] }) {
  const { t } = useSpeech();
  const [box, width] = useWidth<HTMLDivElement>();
  const layout = layoutOf(person.identifiers, proofs);
  const wide = columnWidth(width, layout.columns);
  const there = STATUSES.filter((status) => proofs.some((one) => one.status === status));
  return (
    <figure className="graph" aria-label={t.identities.graph}>
      <figcaption className="figure-head">
        <span className="part-note">{t.identities.graphHint}</span>
        <ul className="graph-legend">
          {there.map((status) => (
            <li key={status}>
              <svg width="26" height="8" aria-hidden="true" focusable="false">
                <path d="M1 4H25" className={`graph-line is-${status}`} />
              </svg>
              {t.identities.legend[status]}
            </li>
          ))}
        </ul>
      </figcaption>
      <div ref={box}>
        <ScrollBox label={t.identities.graph}>
          <div
            className="graph-ground"
            style={{ inlineSize: (layout.columns - 1) * wide + BOX.width + 40, blockSize: (layout.rows - 0.5) * ROW + BOX.height }}
          >
            <Lines layout={layout} wide={wide} />
            <ul>
              {layout.spots.map((spot) => (
                <Box key={spot.ref} spot={spot} wide={wide} />
              ))}
            </ul>
          </div>
        </ScrollBox>
      </div>
    </figure>
  );
}

function Lines({ layout, wide }: { layout: Layout; wide: number }) {
  const { mark } = useSearch({ from: "/people/$id" });
  return (
    <svg
      className={layout.lines.length > MANY ? "graph-lines is-many" : "graph-lines"}
      width="100%"
      height="100%"
      aria-hidden="true"
      focusable="false"
    >
      {layout.lines.map((line) => {
        const away = mark && line.from.ref !== mark && line.to.ref !== mark;
        return <path key={line.key} d={curve(line, wide)} className={`graph-line is-${line.status}${away ? " is-away" : ""}`} />;
      })}
    </svg>
  );
}

/** An identifier; chosen, its evidence alone is listed. */
function Box({ spot, wide }: { spot: Spot; wide: number }) {
  const { t, label } = useSpeech();
  const { mark } = useSearch({ from: "/people/$id" });
  const here = spot.ref === mark;
  const { x, y } = placeOf(spot, wide);
  const kinds = ["graph-box", here ? "is-here" : "", spot.foreign ? "is-foreign" : ""].filter(Boolean).join(" ");
  return (
    <li className="graph-spot" style={{ insetInlineStart: x, insetBlockStart: y }}>
      <Link
        to="."
        search={(now) => ({ ...now, mark: here ? undefined : spot.ref })}
        className={kinds}
        style={{ inlineSize: BOX.width, blockSize: BOX.height }}
        aria-current={here ? "true" : undefined}
        activeProps={{}}
        resetScroll={false}
        title={spot.identifier.value}
      >
        <span className="graph-type">
          {label(spot.identifier.label, spot.identifier.type)}
          {spot.foreign ? ` · ${t.identities.otherPeople}` : ""}
        </span>
        <span className="graph-value">{spot.identifier.value}</span>
      </Link>
    </li>
  );
}
