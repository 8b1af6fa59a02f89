import { createLink } from "@tanstack/react-router";
import type { AnchorHTMLAttributes, ReactNode, Ref } from "react";

interface LineProps extends Omit<AnchorHTMLAttributes<HTMLAnchorElement>, "children"> {
  here: boolean;
  head: ReactNode;
  tag?: ReactNode;
  under?: ReactNode;
  ref?: Ref<HTMLAnchorElement>;
}

function Anchor({ here, head, tag, under, className: _, ...rest }: LineProps) {
  return (
    <a {...rest} className={here ? "choice-link is-here" : "choice-link"} aria-current={here ? "page" : undefined}>
      <span className="choice-head">
        <span className="choice-name">{head}</span>
        {tag ? <span className="tag">{tag}</span> : null}
      </span>
      {under ? <span className="choice-under">{under}</span> : null}
    </a>
  );
}

/** One line of a list from which one is chosen; what is chosen stands in the address. */
export const ChoiceLine = createLink(Anchor);
