// One way to ask the API: JSON in and out, problem+json as a Problem, no answer at all as Offline.

const PATIENCE_MS = 20_000;

/** The server said no. `name` is the last part of the problem's type, `message` its sentence. */
export class Problem extends Error {
  constructor(status, body, retryAfterSeconds = null) {
    super(body.detail || body.title || "Something went wrong on our side. Please try again.");
    this.status = status;
    this.body = body;
    this.name = String(body.type || "").split(/[/#]/).pop() || "unknown";
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** Worth sending again as it is: the server was busy or broken, not unwilling. */
  get isPassing() {
    return this.status >= 500 || this.status === 429 || this.status === 408;
  }
}

/** No answer: no network, or none in time. Whether the request arrived is not known. */
export class Offline extends Error {
  constructor() {
    super("There is no connection right now. Please check your network and try again.");
    this.name = "offline";
  }
}

/** A fresh Idempotency-Key. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Sends one request and answers `{status, body}`; `body` is null where there is none.
 * Throws Problem or Offline. `key` goes out as the Idempotency-Key.
 */
export async function ask(method, path, { body, key, signal } = {}) {
  const headers = { accept: "application/json" };
  if (body !== undefined) headers["content-type"] = "application/json";
  if (key) headers["idempotency-key"] = key;
  const patience = AbortSignal.timeout(PATIENCE_MS);
  let response;
  let text;
  try {
    response = await fetch(path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "same-origin",
      cache: "no-store",
      signal: signal ? AbortSignal.any([signal, patience]) : patience,
    });
    text = await response.text();
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Offline();
  }
  const parsed = parse(text);
  if (!response.ok) {
    throw new Problem(response.status, parsed ?? {}, Number(response.headers.get("retry-after")) || null);
  }
  return { status: response.status, body: parsed };
}

function parse(text) {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null; // A proxy's HTML page, say: the status still tells what to do.
  }
}
