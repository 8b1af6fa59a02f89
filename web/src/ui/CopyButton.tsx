import { useEffect, useState } from "react";
import { useSpeech } from "../i18n/language.tsx";

/** How long "Copied" stays, in ms. */
const COPIED_MS = 1_800;

/** Over plain HTTP a browser has no clipboard of its own: then what a selection would do. */
async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = document.createElement("textarea");
  field.value = text;
  field.style.position = "fixed";
  field.style.opacity = "0";
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}

/** Copies a text and says so, to the eye and aloud. `what` names it for those who do not see where the button stands; `words`: says it beside its picture. */
export function CopyButton({ text, what, words = false }: { text: string; what: string; words?: boolean }) {
  const { t } = useSpeech();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = window.setTimeout(() => setCopied(false), COPIED_MS);
    return () => window.clearTimeout(timer);
  }, [copied]);
  return (
    <>
      <button type="button" className="quiet copy" aria-label={what} onClick={() => void copyText(text).then(() => setCopied(true))}>
        {copied ? <DoneIcon /> : <CopyIcon />}
        {words ? (copied ? t.copy.done : t.copy.copy) : null}
      </button>
      <span className="visually-hidden" role="status">
        {copied ? t.copy.done : ""}
      </span>
    </>
  );
}

function CopyIcon() {
  return (
    <svg width="14" height="14" viewBox="0 0 16 16" className="icon" aria-hidden="true" focusable="false">
      <rect x="5.5" y="5.5" width="8" height="8" rx="1.5" />
      <path d="M10.5 3.5v-.2A1.3 1.3 0 0 0 9.2 2H3.8a1.3 1.3 0 0 0-1.3 1.3v5.9a1.3 1.3 0 0 0 1.3 1.3H4" />
    </svg>
  );
}

function DoneIcon() {
  return (
    <svg width="14" height="14" viewBox="0 0 16 16" className="icon is-done" aria-hidden="true" focusable="false">
      <path d="m3 8.5 3.2 3.2L13 4.8" />
    </svg>
  );
}
