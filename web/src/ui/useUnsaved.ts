import { useBlocker } from "@tanstack/react-router";
import { useSpeech } from "../i18n/language.tsx";

/** Asks before the page is left, by a link, by going back or by closing the window, while something is not saved. */
export function useUnsaved(unsaved: boolean): void {
  const { t } = useSpeech();
  useBlocker({
    // Another tone or reader of the same words changes the address, too, and loses nothing.
    shouldBlockFn: ({ current, next }) => unsaved && isElsewhere(current, next) && !window.confirm(t.leaving.unsaved),
    enableBeforeUnload: unsaved,
    disabled: !unsaved,
  });
}

interface Place {
  pathname: string;
  search: unknown;
}

/** What an address names that has words of its own. */
const OWN = ["content", "variant", "letter"];

/** Whether going from one place to the other takes away what is being edited. */
export function isElsewhere(from: Place, to: Place): boolean {
  const of = (place: Place, name: string) => (place.search as Record<string, unknown> | undefined)?.[name];
  return from.pathname !== to.pathname || OWN.some((name) => of(from, name) !== of(to, name));
}
