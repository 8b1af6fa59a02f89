import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { lettersQuery, sourcesQuery } from "../api/queries.ts";
import type { DeadLetter } from "../api/running.ts";
import { LETTER_STATES, type LettersSearch } from "../app/search.ts";
import { useSpeech } from "../i18n/language.tsx";
import { EVENTS } from "../i18n/terms.ts";
import { ChoiceLine } from "../ui/ChoiceLine.tsx";
import { NextPage } from "../ui/NextPage.tsx";
import { Empty, Failed, Waiting } from "../ui/States.tsx";
import { usePageTitle } from "../ui/usePageTitle.ts";
import { useSourceName } from "../ui/useSourceName.ts";
import { LetterDetail } from "./LetterDetail.tsx";

/** The dead letter: what was rejected, why, and a way to mend it and send it again. */
export function Letters() {
  const { t } = useSpeech();
  usePageTitle(`${t.nav.data} – ${t.data.rejected}`);
  const search = useSearch({ from: "/data/rejected" });
  return (
    <div className={search.letter ? "data-columns has-choice" : "data-columns"}>
      <section className="letters" aria-label={t.letters.list}>
        <Filters />
        <Found />
      </section>
      {search.letter ? (
        <LetterDetail key={search.letter} id={search.letter} />
      ) : (
        <p className="data-detail part-note letters-hint">{t.letters.choose}</p>
      )}
    </div>
  );
}

function Filters() {
  const { t, format, label } = useSpeech();
  const search = useSearch({ from: "/data/rejected" });
  const navigate = useNavigate();
  const sources = useQuery(sourcesQuery).data?.sources ?? [];
  const letters = useInfiniteQuery(lettersQuery(search.code ?? "", search.source ?? "", search.status ?? "waiting")).data;
  const counts = letters?.pages[0]?.counts ?? {};
  const codes = [...new Set([...Object.keys(counts), ...(search.code ? [search.code] : [])])].toSorted();
  const said = new Map(letters?.pages.flatMap((page) => page.dead_letters).map((one) => [one.code, label(one.text, one.code)]));
  const set = (change: LettersSearch) =>
    void navigate({ to: "/data/rejected", search: (now) => ({ ...now, letter: undefined, ...change }), replace: true, resetScroll: false });
  return (
    <div className="letter-filters">
      <Choice
        id="letter-status"
        name={t.letters.status}
        value={search.status ?? "waiting"}
        onChange={(status) => set({ status: LETTER_STATES.find((one) => one === status && one !== "waiting") })}
      >
        {LETTER_STATES.map((one) => (
          <option key={one} value={one}>
            {t.letters.states[one]}
          </option>
        ))}
      </Choice>
      <Choice id="letter-code" name={t.letters.code} value={search.code ?? ""} onChange={(code) => set({ code: code || undefined })}>
        <option value="">{t.letters.anyCode}</option>
        {codes.map((code) => (
          <option key={code} value={code}>
            {`${said.get(code) ?? code}${counts[code] ? ` (${format.number(counts[code])})` : ""}`}
          </option>
        ))}
      </Choice>
      <Choice
        id="letter-source"
        name={t.live.source}
        value={search.source ?? ""}
        onChange={(source) => set({ source: source || undefined })}
      >
        <option value="">{t.live.anySource}</option>
        {search.source && !sources.some((one) => one.name === search.source) ? (
          <option value={search.source}>{search.source}</option>
        ) : null}
        {sources.map((one) => (
          <option key={one.name} value={one.name}>
            {label(one.label, one.name)}
          </option>
        ))}
      </Choice>
    </div>
  );
}

interface ChoiceProps {
  id: string;
  name: string;
  value: string;
  onChange: (value: string) => void;
  children: React.ReactNode;
}

function Choice({ id, name, value, onChange, children }: ChoiceProps) {
  return (
    <div>
      <label className="visually-hidden" htmlFor={id}>
        {name}
      </label>
      <select id={id} className="select" value={value} onChange={(event) => onChange(event.target.value)}>
        {children}
      </select>
    </div>
  );
}

function Found() {
  const { t } = useSpeech();
  const search = useSearch({ from: "/data/rejected" });
  const found = useInfiniteQuery(lettersQuery(search.code ?? "", search.source ?? "", search.status ?? "waiting"));
  if (found.isPending) return <Waiting lines={6} tall />;
  if (found.isError && !found.data) return <Failed error={found.error} retry={() => void found.refetch()} />;
  const letters = found.data.pages.flatMap((page) => page.dead_letters);
  if (!letters.length) {
    const filtered = Boolean(search.code || search.source || search.status);
    return <Empty title={filtered ? t.letters.none : t.letters.empty} hint={filtered ? t.letters.noneHint : t.letters.emptyHint} />;
  }
  return (
    <>
      <ul className={found.isPlaceholderData ? "choices is-old" : "choices"}>
        {letters.map((letter) => (
          <li key={letter.id}>
            <LetterLink letter={letter} here={letter.id === search.letter} />
          </li>
        ))}
      </ul>
      <NextPage of={found} />
    </>
  );
}

function LetterLink({ letter, here }: { letter: DeadLetter; here: boolean }) {
  const { t, format, label, name } = useSpeech();
  const sourceName = useSourceName();
  const event = letter.event?.event ?? letter.event?.type;
  return (
    <ChoiceLine
      to="/data/rejected"
      search={(now) => ({ ...now, letter: letter.id })}
      here={here}
      activeProps={{}}
      resetScroll={false}
      head={label(letter.text, letter.code)}
      tag={letter.status === "waiting" ? null : t.letters.replayed}
      under={[
        typeof event === "string" ? name(EVENTS, event) : letter.code,
        sourceName(letter.source),
        format.dateTime(letter.received_at),
      ].join(" · ")}
    />
  );
}
