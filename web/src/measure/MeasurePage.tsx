import { useSearch } from "@tanstack/react-router";
import { useSpeech } from "../i18n/language.tsx";
import { usePageTitle } from "../ui/usePageTitle.ts";
import { Figures } from "./Figures.tsx";
import { FunnelPanel } from "./FunnelPanel.tsx";
import { PeriodChoice } from "./PeriodChoice.tsx";
import { PoliciesPanel } from "./PoliciesPanel.tsx";
import { CampaignsPanel, OffersPanel } from "./ResultsPanel.tsx";
import { StagePanel } from "./StagePanel.tsx";

/** What the workspace counts: figures, journey stages, funnels; what was decided, and what came of campaigns. */
export function MeasurePage() {
  const { t } = useSpeech();
  const { days } = useSearch({ from: "/measure" });
  usePageTitle(t.nav.measure);
  return (
    <div className="page">
      <header className="page-head">
        <h1 className="page-title">{t.nav.measure}</h1>
        <p className="page-note">{days ? t.period.note : t.figures.note}</p>
        <PeriodChoice />
      </header>
      <Figures />
      <div className="page-columns">
        <StagePanel />
        <FunnelPanel />
        <OffersPanel />
        <CampaignsPanel />
      </div>
      <PoliciesPanel />
    </div>
  );
}
