import { useCallback, useEffect, useRef, useState } from "react";
import { type ApiError, address, whyClosed } from "../api/client.ts";
import type { LiveItem } from "../api/running.ts";
import { EMPTY, type Entry, type Feed, release, take } from "./feed.ts";

/** What comes within this time is drawn at once, in ms. */
const DRAW_MS = 120;
/** After the browser gave up, the stream is opened anew after this time, in ms; while it has not, the server's `retry` holds. */
const REOPEN_MS = 2_000;

export interface LiveQuery {
  kind: string;
  source: string;
  person: string;
}

export type Line = "connecting" | "open" | "lost" | ApiError;

export interface Live extends Feed {
  line: Line;
  /** Whether what was kept has all been shown. */
  caughtUp: boolean;
}

/**
 * The stream of what happens. Reconnects from where it was: the browser says `Last-Event-ID`, and where the browser gave up the address
 * says `since`.
 */
export function useLive({ kind, source, person }: LiveQuery, held: boolean): Live {
  const [feed, setFeed] = useState<Feed>(EMPTY);
  const [line, setLine] = useState<Line>("connecting");
  const [caughtUp, setCaughtUp] = useState(false);
  const holding = useRef(held);
  holding.current = held;
  useEffect(() => {
    if (!held) setFeed(release);
  }, [held]);
  const add = useCallback((came: readonly Entry[]) => setFeed((before) => take(before, came, holding.current)), []);
  useEffect(() => {
    setFeed(EMPTY);
    setLine("connecting");
    setCaughtUp(false);
    return follow({ kind, source, person }, { add, line: setLine, caughtUp: () => setCaughtUp(true) });
  }, [kind, source, person, add]);
  return { ...feed, line, caughtUp };
}

interface Told {
  add: (came: readonly Entry[]) => void;
  line: (line: Line) => void;
  caughtUp: () => void;
}

/** Follows the stream until the answer is called. */
function follow(query: LiveQuery, told: Told): () => void {
  let stream: EventSource | null = null;
  let came: Entry[] = [];
  let last = "";
  let gaps = 0;
  let drawing = 0;
  let reopening = 0;
  let ended = false;
  const draw = () => {
    window.clearTimeout(drawing);
    drawing = 0;
    if (came.length) told.add(came);
    came = [];
  };
  const note = (entry: Entry) => {
    came.push(entry);
    drawing ||= window.setTimeout(draw, DRAW_MS);
  };
  const open = () => {
    const url = address("/v1/live", { ...query, since: last });
    stream = new EventSource(url);
    stream.onopen = () => told.line("open");
    stream.addEventListener("live", (event) => {
      last = event.lastEventId || last;
      note(JSON.parse(event.data) as LiveItem);
    });
    stream.addEventListener("gap", (event) => {
      gaps += 1;
      note({ id: `gap-${last}-${gaps}`, kind: "gap", missed: (JSON.parse(event.data) as { missed: number | null }).missed });
    });
    stream.addEventListener("caught_up", () => {
      draw();
      told.caughtUp();
    });
    stream.onerror = () => {
      if (ended) return;
      told.line("lost");
      if (stream?.readyState === EventSource.CLOSED) void whyClosed(url).then(again);
    };
  };
  const again = (refused: ApiError | null) => {
    if (ended) return;
    if (refused) told.line(refused);
    else reopening = window.setTimeout(open, REOPEN_MS);
  };
  open();
  return () => {
    ended = true;
    stream?.close();
    window.clearTimeout(drawing);
    window.clearTimeout(reopening);
  };
}
