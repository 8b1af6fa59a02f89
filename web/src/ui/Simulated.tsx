import type { Text } from "../api/types.ts";
import { useSpeech } from "../i18n/language.tsx";

/** The mark that everything simulated carries; `what` says for whom the mark speaks. */
export function Simulated({ what }: { what: string }) {
  const { t } = useSpeech();
  return (
    <span className="simulated" title={what}>
      {t.simulated.mark}
    </span>
  );
}

export function SimulatedBanner({ note }: { note: Text | undefined }) {
  const { t, label } = useSpeech();
  return (
    <p className="simulated-banner" role="note">
      <span className="simulated">{t.simulated.bannerMark}</span>
      <span>{label(note, t.simulated.banner)}</span>
    </p>
  );
}
