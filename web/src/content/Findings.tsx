import type { Finding, PreviewAnswer } from "../api/contents.ts";
import { useSpeech } from "../i18n/language.tsx";

interface FindingsProps {
  findings: readonly Finding[];
  problems: PreviewAnswer["problems"];
  mend: (one: Finding) => void;
}

/** What is wrong with the words, in the order of the text; what can be mended by itself is one press away. */
export function Findings({ findings, problems, mend }: FindingsProps) {
  const { t, label } = useSpeech();
  if (!findings.length && !problems.length) return <p className="part-note is-good">{t.content.fine}</p>;
  return (
    <ul className="findings" aria-label={t.content.findings}>
      {problems.map((one) => (
        <li key={`${one.code} ${one.what}`} className="finding is-error">
          <span>{one.what}</span> <span className="finding-how">{one.mend}</span>
        </li>
      ))}
      {findings.map((one) => (
        <li key={`${one.code} ${one.field} ${one.start} ${one.end}`} className={`finding is-${one.severity}`}>
          <span>
            <span className="tag">{t.content.severity[one.severity]}</span> {one.field ? <code>{one.field}</code> : null}{" "}
            {label(one.text, one.code)}
          </span>
          <span className="finding-how">{label(one.how, "")}</span>
          {one.mend !== null && one.field ? (
            <button type="button" className="quiet proof-act" onClick={() => mend(one)}>
              {one.mend ? t.content.mend(one.mend) : t.content.remove}
            </button>
          ) : null}
        </li>
      ))}
    </ul>
  );
}
