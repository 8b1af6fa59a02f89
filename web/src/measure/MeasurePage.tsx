import { useSpeech } from "../i18n/language.tsx";
import { usePageTitle } from "../ui/usePageTitle.ts";
import { Figures } from "./Figures.tsx";
import { FunnelPanel } from "./FunnelPanel.tsx";
import { PoliciesPanel } from "./PoliciesPanel.tsx";
import { CampaignsPanel, OffersPanel } from "./ResultsPanel.tsx";
import { StagePanel } from "./StagePanel.tsx";

/** What the workspace counts: figures, journey stages, funnels; what was decided, and what came of campaigns. */
export function MeasurePage() {
  const { t } = useSpeech();
  usePageTitle(t.nav.measure);
  return (
    <div className="page">
      <header className="page-head">
        <h1 className="page-title">{t.nav.measure}</h1>
        <p className="page-note">{t.figures.note}</p>
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
