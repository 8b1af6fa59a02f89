import { Link } from "@tanstack/react-router";
import type { Lang } from "../api/types.ts";
import { remember, useSpeech } from "../i18n/language.tsx";

const LANGUAGES: readonly Lang[] = ["ko", "en"];

export function LanguageSwitch() {
  const { t, lang } = useSpeech();
  return (
    <nav className="languages" aria-label={t.language.label}>
      {LANGUAGES.map((one) => (
        <Link
          key={one}
          to="."
          search={(now) => ({ ...now, lang: one })}
          replace
          lang={one}
          hrefLang={one}
          aria-current={one === lang ? "true" : undefined}
          activeProps={{}}
          activeOptions={{ exact: true, includeSearch: true }}
          className={one === lang ? "language is-here" : "language"}
          onClick={() => remember(one)}
        >
          {t.language[one]}
        </Link>
      ))}
    </nav>
  );
}
