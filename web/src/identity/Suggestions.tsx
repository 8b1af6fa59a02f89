import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import type { Suggestion, SuggestionsPage } from "../api/identity.ts";
import { suggestionsQuery } from "../api/queries.ts";
import { useSpeech } from "../i18n/language.tsx";
import { ChoiceLine } from "../ui/ChoiceLine.tsx";
import { NextPage } from "../ui/NextPage.tsx";
import { Empty, Failed, Waiting } from "../ui/States.tsx";
import { usePageTitle } from "../ui/usePageTitle.ts";
import { HeldText } from "./HeldText.tsx";
import { type Held, SuggestionDetail } from "./SuggestionDetail.tsx";
import { useBits } from "./Waterfall.tsx";

/** People who may be one, strongest first: each with the reasons, to be judged with the mouse or by keyboard. */
export function Suggestions() {
  const { t } = useSpeech();
  usePageTitle(`${t.nav.identity} – ${t.queues.suggestions}`);
  const found = useInfiniteQuery(suggestionsQuery);
  const { suggestion: chosen } = useSearch({ from: "/identity/suggestions" });
  if (found.isPending) return <Waiting lines={6} tall />;
  if (found.isError && !found.data) return <Failed error={found.error} retry={() => void found.refetch()} />;
  const page = found.data.pages[0];
  const listed = found.data.pages.flatMap((one) => one.suggestions);
  if (!page || (!listed.length && !chosen)) {
    const off = page?.mode === "off";
    return <Empty title={off ? t.queues.off : t.queues.noSuggestions} hint={off ? t.queues.offHint : t.queues.noSuggestionsHint} />;
  }
  return (
    <Queue listed={listed} page={page} chosen={chosen}>
      <NextPage of={found} />
    </Queue>
  );
}

interface QueueProps {
  listed: readonly Suggestion[];
  page: SuggestionsPage;
  chosen: string | undefined;
  children: React.ReactNode;
}

function Queue({ listed, page, chosen, children }: QueueProps) {
  const { t } = useSpeech();
  const navigate = useNavigate();
  const place = useRef<HTMLDivElement>(null);
  const here = listed.findIndex((one) => one.id === chosen);
  const go = (at: number) => {
    const next = listed[Math.max(0, Math.min(at, listed.length - 1))];
    void navigate({ to: "/identity/suggestions", search: (now) => ({ ...now, suggestion: next?.id }), resetScroll: false });
  };
  /** Keys work only while the focus is in the queue (WCAG 2.1.4), and not in a field. */
  const press = (event: React.KeyboardEvent) => {
    const inField = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement;
    if (inField || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "j" || event.key === "k") {
      event.preventDefault();
      go(here < 0 ? 0 : event.key === "j" ? here + 1 : here - 1);
    } else if (event.key === "a" || event.key === "r") {
      const button = place.current?.querySelector<HTMLButtonElement>(event.key === "a" ? "[data-key=a]" : "[data-key=r]");
      if (button) {
        event.preventDefault();
        button.click();
      }
    }
  };
  const before = useRef(chosen);
  useEffect(() => {
    if (before.current !== chosen && chosen && place.current?.contains(document.activeElement))
      place.current.querySelector<HTMLElement>(`[data-suggestion="${CSS.escape(chosen)}"]`)?.focus();
    before.current = chosen;
  }, [chosen]);
  const [held, setHeld] = useState<Held | null>(null);
  const judged = (why: Held | null) => {
    setHeld(why);
    go(here + 1 < listed.length ? here + 1 : here - 1);
  };
  const suggestion = listed[here];
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys only shorten the way to buttons that are there
    <div ref={place} className={chosen ? "data-columns has-choice" : "data-columns"} onKeyDown={press}>
      {held ? <HeldNote held={held} /> : null}
      <section className="letters" aria-label={t.queues.list}>
        <Settings page={page} />
        <ul className="choices">
          {listed.map((one) => (
            <li key={one.id}>
              <Choice of={one} here={one.id === chosen} />
            </li>
          ))}
        </ul>
        {children}
      </section>
      {suggestion ? (
        <SuggestionDetail key={suggestion.id} of={suggestion} judged={judged} />
      ) : chosen ? (
        <Empty title={t.queues.gone} hint={t.queues.goneHint} />
      ) : (
        <p className="data-detail part-note letters-hint">{t.queues.chooseSuggestion}</p>
      )}
    </div>
  );
}

/** What was accepted last, but joined nobody. */
function HeldNote({ held }: { held: Held }) {
  const { t } = useSpeech();
  return (
    <p className="outcome is-bad" role="status">
      {t.queues.acceptedHeld} <HeldText {...held} />{" "}
      <Link to="/identity/quarantine" search={(now) => ({ lang: now.lang })} className="text-link">
        {t.queues.quarantine}
      </Link>
    </p>
  );
}

/** By what pairs are chosen, and whether all were compared. */
function Settings({ page }: { page: SuggestionsPage }) {
  const { t, format } = useSpeech();
  const said = t.queues.modes[page.mode];
  const { model } = page;
  return (
    <p className="part-note queue-note">
      {said ? said(format.number(page.at_least), format.number(page.accept_at_least)) : null}{" "}
      {model?.trained ? t.queues.trained(format.number(model.records)) : t.queues.shipped}{" "}
      {page.behind ? t.queues.comparing(format.number(page.behind)) : null} {t.queues.keys}
    </p>
  );
}

function Choice({ of, here }: { of: Suggestion; here: boolean }) {
  const { t, format } = useSpeech();
  const bits = useBits();
  return (
    <ChoiceLine
      to="/identity/suggestions"
      search={(now) => ({ ...now, suggestion: of.id })}
      here={here}
      activeProps={{}}
      resetScroll={false}
      data-suggestion={of.id}
      head={t.queues.two(of.a.name, of.b.name)}
      tag={t.queues.weight(bits(of.weight))}
      under={t.queues.probability(format.share(of.probability))}
    />
  );
}
