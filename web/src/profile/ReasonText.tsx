import type { Reason } from "../api/types.ts";
import { useSpeech } from "../i18n/language.tsx";

/** The sentence that the server's catalogue made; without one, the code and the values compared. */
export function ReasonText({ reason }: { reason: Reason }) {
  const { format, label } = useSpeech();
  const values = Object.entries(reason.params).map(([name, value]) => `${name} ${format.value(value)}`);
  const plain = values.length ? `${reason.code} (${values.join(", ")})` : reason.code;
  return <>{label(reason.text, plain)}</>;
}
