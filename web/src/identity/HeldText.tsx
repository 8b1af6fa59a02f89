import { useSpeech } from "../i18n/language.tsx";

/** Why a statement joins nobody. */
export function HeldText({ reason, type, limit }: { reason: string; type: string; limit: number | null }) {
  const { t, format } = useSpeech();
  const say = t.identities.heldBack[reason];
  return <>{say ? say(type, limit === null ? "–" : format.number(limit)) : reason}</>;
}
