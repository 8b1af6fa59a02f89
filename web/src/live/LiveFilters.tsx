import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { sourcesQuery } from "../api/queries.ts";
import { LIVE_KINDS, type LiveKind } from "../api/running.ts";
import { kindsOf, type LiveSearch } from "../app/search.ts";
import { useSpeech } from "../i18n/language.tsx";
import { SearchField } from "../ui/SearchField.tsx";

/** Which kinds, which source, which person: all of it in the address. */
export function LiveFilters() {
  const { t, label } = useSpeech();
  const search = useSearch({ from: "/live" });
  const navigate = useNavigate();
  const sources = useQuery(sourcesQuery).data?.sources ?? [];
  const set = (change: LiveSearch) =>
    void navigate({ to: "/live", search: (now) => ({ ...now, ...change }), replace: true, resetScroll: false });
  const kinds = kindsOf(search.kind);
  const all = kinds.length === LIVE_KINDS.length;
  /** The first choice among all shows that kind alone; later ones add and take away. */
  const flip = (kind: LiveKind) => {
    const next = all ? [kind] : kinds.includes(kind) ? kinds.filter((one) => one !== kind) : [...kinds, kind];
    set({ kind: next.length && next.length < LIVE_KINDS.length ? LIVE_KINDS.filter((one) => next.includes(one)).join(",") : undefined });
  };
  const source = search.source ?? "";
  return (
    <div className="filters">
      <fieldset className="kinds">
        <legend className="visually-hidden">{t.live.kindsLabel}</legend>
        <button type="button" className="kind-choice" aria-pressed={all} onClick={() => set({ kind: undefined })}>
          {t.live.everything}
        </button>
        {LIVE_KINDS.map((kind) => (
          <button key={kind} type="button" className="kind-choice" aria-pressed={!all && kinds.includes(kind)} onClick={() => flip(kind)}>
            <span className={`kind-dot is-${kind}`} aria-hidden="true" />
            {t.live.kinds[kind]}
          </button>
        ))}
      </fieldset>
      <div className="filter-fields">
        <label className="visually-hidden" htmlFor="live-source">
          {t.live.source}
        </label>
        <select id="live-source" className="select" value={source} onChange={(event) => set({ source: event.target.value || undefined })}>
          <option value="">{t.live.anySource}</option>
          {source && !sources.some((one) => one.name === source) ? <option value={source}>{source}</option> : null}
          {sources.map((one) => (
            <option key={one.name} value={one.name}>
              {label(one.label, one.name)}
            </option>
          ))}
        </select>
        <SearchField
          id="live-person"
          label={t.live.person}
          hint={t.live.personHint}
          value={search.person ?? ""}
          onChange={(person) => set({ person: person || undefined })}
        />
      </div>
    </div>
  );
}
