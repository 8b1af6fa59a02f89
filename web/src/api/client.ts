/** An answer of the side process that is not a success, or none at all (status 0). */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }

  get forbidden(): boolean {
    return this.status === 401 || this.status === 403;
  }

  /** Whether the same call may succeed later. */
  get mayPass(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

async function failure(response: Response): Promise<ApiError> {
  try {
    const body: unknown = await response.json();
    const inner = typeof body === "object" && body !== null && "error" in body ? body.error : body;
    if (typeof inner === "object" && inner !== null && "message" in inner && typeof inner.message === "string") {
      const code = "code" in inner && typeof inner.code === "string" ? inner.code : "error";
      return new ApiError(response.status, code, inner.message);
    }
  } catch {
    // not JSON: the status says what there is to say
  }
  return new ApiError(response.status, "error", `${response.status} ${response.statusText}`.trim());
}

/** An address with the given parts of its query; empty ones are left out. */
export function address(path: string, query: Record<string, string | number | undefined | null>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== null && value !== "") params.set(name, String(value));
  return params.size ? `${path}?${params}` : path;
}

async function ask<T>(url: string, init: RequestInit): Promise<T> {
  let response: Response;
  try {
    response = await fetch(url, { credentials: "same-origin", ...init });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, "unreachable", "");
  }
  if (!response.ok) throw await failure(response);
  return (await response.json()) as T;
}

/** GET as JSON. The cookie that the opening link set goes along; a call ends when its page does. */
export function get<T>(path: string, query: Record<string, string | number | undefined | null>, signal?: AbortSignal): Promise<T> {
  return ask<T>(address(path, query), { headers: { accept: "application/json" }, ...(signal ? { signal } : {}) });
}

/** POST of JSON: a command. */
export function post<T>(path: string, body: unknown): Promise<T> {
  return ask<T>(path, {
    method: "POST",
    headers: { accept: "application/json", "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

/** Why a stream could not be opened: an event source does not say. Null: it may be tried again. */
export async function whyClosed(url: string): Promise<ApiError | null> {
  const asking = new AbortController();
  try {
    const response = await fetch(url, { credentials: "same-origin", headers: { accept: "text/event-stream" }, signal: asking.signal });
    const told = response.ok ? null : await failure(response);
    return told && !told.mayPass ? told : null;
  } catch {
    return null;
  } finally {
    asking.abort();
  }
}
