// One POST with its time limit and its attempts. Private to the package.
import { refusal } from "./answer.js";
import { WritError } from "./error.js";

export interface Call {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly timeLimit: number;
  readonly attempts: number;
  readonly signal: AbortSignal | undefined;
  readonly fetch: typeof fetch;
}

const kFirstPause = 50;
const kLongestPause = 1000;
/** The server says that it did not do it, or that somebody between did not reach it. */
const kAskAgain: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** The body of the answer with status 200. What is asked changes nothing, so it may be asked twice. */
export async function post(call: Call): Promise<string> {
  const stop = new AbortController();
  const end = Date.now() + call.timeLimit;
  const onAbort = () => stop.abort(new WritError("cancelled", "the caller gave up"));
  const timer = setTimeout(() => {
    stop.abort(new WritError("timed_out", `no answer within ${call.timeLimit} ms`));
  }, call.timeLimit);
  call.signal?.addEventListener("abort", onAbort, { once: true });
  if (call.signal?.aborted) onAbort();
  try {
    for (let number = 1; ; ++number) {
      const outcome = await once(call, stop.signal);
      if (typeof outcome === "string") return outcome;
      if (stop.signal.aborted) throw stop.signal.reason;
      const pause = Math.min(kFirstPause * 2 ** (number - 1), kLongestPause) * (0.5 + Math.random() / 2);
      const mayRepeat = outcome.status === 0 || kAskAgain.has(outcome.status);
      if (!mayRepeat || number >= call.attempts || Date.now() + pause >= end) throw outcome;
      await rest(pause, stop.signal);
    }
  } finally {
    clearTimeout(timer);
    call.signal?.removeEventListener("abort", onAbort);
  }
}

async function once(call: Call, signal: AbortSignal): Promise<string | WritError> {
  try {
    const { fetch, url, headers, body } = call;
    // A redirected POST would be asked as a GET.
    const response = await fetch(url, { method: "POST", headers, body, signal, redirect: "manual" });
    const text = await response.text();
    return response.status === 200 ? text : refusal(response.status, text);
  } catch (cause) {
    return new WritError("unavailable", `cannot reach ${call.url}: ${reason(cause)}`, { cause });
  }
}

/** fetch hides what went wrong in a cause. */
function reason(error: unknown): string {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return inner instanceof Error ? inner.message || inner.name : String(inner);
}

function rest(time: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    }, time);
    signal.addEventListener("abort", onAbort, { once: true });
  });
}
