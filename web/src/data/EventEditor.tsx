import { useId } from "react";
import { useSpeech } from "../i18n/language.tsx";
import type { EventFault } from "./eventFault.ts";

/** Lines that are drawn at least and at most. */
const LEAST = 8;
const MOST = 26;

interface EventEditorProps {
  text: string;
  fault: EventFault | null;
  readOnly?: boolean;
  onChange?: (text: string) => void;
}

/** The event as JSON, judged while it is typed. */
export function EventEditor({ text, fault, readOnly = false, onChange }: EventEditorProps) {
  const { t, format } = useSpeech();
  const id = useId();
  const lines = Math.min(Math.max(text.split("\n").length, LEAST), MOST);
  const place = fault?.line && fault.column ? t.letters.place(format.number(fault.line), format.number(fault.column)) : "";
  return (
    <div className="editor">
      <label htmlFor={id} className="part-title">
        {t.letters.event}
      </label>
      <textarea
        id={id}
        className={fault ? (fault.blocks ? "editor-text is-bad" : "editor-text is-doubtful") : "editor-text"}
        rows={lines}
        value={text}
        readOnly={readOnly}
        spellCheck={false}
        autoComplete="off"
        autoCapitalize="off"
        aria-invalid={fault?.blocks ?? false}
        aria-describedby={`${id}-state`}
        onChange={(event) => onChange?.(event.target.value)}
      />
      {readOnly ? null : (
        <p
          id={`${id}-state`}
          className={fault ? (fault.blocks ? "editor-state is-bad" : "editor-state is-doubtful") : "editor-state"}
          role="status"
        >
          {fault ? [place, t.letters.faults[fault.code]].filter(Boolean).join(": ") : t.letters.fine}
        </p>
      )}
    </div>
  );
}
