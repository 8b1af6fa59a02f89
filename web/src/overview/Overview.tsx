import { useQuery } from "@tanstack/react-query";
import { statusQuery } from "../api/queries.ts";
import { useSpeech } from "../i18n/language.tsx";
import { usePageTitle } from "../ui/usePageTitle.ts";
import { FunnelPanel } from "./FunnelPanel.tsx";
import { StagePanel } from "./StagePanel.tsx";

/** What the right side shows while nobody is chosen. */
export function Overview() {
  const { t } = useSpeech();
  usePageTitle(t.people.title);
  const people = useQuery(statusQuery).data?.people ?? 0;
  return (
    <div className="overview">
      <StagePanel />
      <FunnelPanel />
      {people > 0 ? <p className="overview-hint">{t.people.choose}</p> : null}
    </div>
  );
}
