import { decision, filter, parsed } from "./answer.js";
import { post } from "./call.js";
import { WritError } from "./error.js";
import type { CallOptions, ClientOptions, CompileOptions, Decision, Filter, Json, Verdict } from "./types.js";

/**
 * Asks a server of OPA's REST API (`writ serve`, OPA) for decisions. Connections stay open between
 * calls, as Node's fetch keeps them. May be used by any number of callers at once.
 */
export class WritClient {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #options: ClientOptions;

  /** `url`: "http://127.0.0.1:8181". Throws a WritError when it is none. */
  constructor(url: string, options: ClientOptions = {}) {
    if (!/^https?:\/\/[^/]/.test(url)) throw new WritError("invalid_input", `${url} is no URL of http or https`);
    this.#url = url.replace(/\/+$/, "");
    this.#options = options;
    this.#headers = {
      ...options.headers,
      "Content-Type": "application/json",
      ...(options.token === undefined ? {} : { Authorization: `Bearer ${options.token}` }),
    };
  }

  /** The document at `path`, "app/authz/allow" for data.app.authz.allow. Throws WritError. */
  async decide<T extends Json = Json>(path: string, input: Json, options: CallOptions = {}): Promise<Decision<T>> {
    return decision<T>(await this.#ask(`/v1/data/${escaped(path)}`, { input }, {}, options));
  }

  /** Whether the document is `true`. Fails closed: undefined, every other value and every error are no. */
  async allowed(path: string, input: Json, options: CallOptions = {}): Promise<boolean> {
    return (await this.verdict(path, input, options)).isAllowed;
  }

  /** The same, with why. Never throws. */
  async verdict(path: string, input: Json, options: CallOptions = {}): Promise<Verdict> {
    try {
      return verdictOf(path, await this.decide(path, input, options));
    } catch (thrown) {
      const error = asWritError(thrown);
      const why = `${path}: ${error.code}: ${error.message}`;
      return { isAllowed: false, reason: "error", why, decisionId: "", error };
    }
  }

  /** A decision or an error for each input, in their order. The time limit is for each. */
  async batch<T extends Json = Json>(
    path: string,
    inputs: readonly Json[],
    options: CallOptions = {},
  ): Promise<(Decision<T> | WritError)[]> {
    const out: (Decision<T> | WritError)[] = [];
    let next = 0;
    const work = async () => {
      for (let i = next++; i < inputs.length; i = next++) {
        out[i] = await this.decide<T>(path, inputs[i] ?? null, options).catch(asWritError);
      }
    };
    const workers = Math.min(Math.max(this.#options.connections ?? 8, 1), inputs.length);
    await Promise.all(Array.from({ length: workers }, work));
    return out;
  }

  /** Which rows the policy allows, as a condition for a database. Throws WritError. */
  async compile(path: string, input: Json, options: CompileOptions): Promise<Filter> {
    const { dialect, unknowns, tables } = options;
    const body = {
      input,
      ...(unknowns === undefined ? {} : { unknowns }),
      ...(tables === undefined ? {} : { options: { targetSQLTableMappings: { [dialect]: tables } } }),
    };
    const headers = { Accept: accepted(dialect) };
    return filter(await this.#ask(`/v1/compile/${escaped(path)}`, body, headers, options));
  }

  async #ask(target: string, body: unknown, headers: Readonly<Record<string, string>>, options: CallOptions) {
    const answer = await post({
      url: this.#url + target,
      headers: { ...this.#headers, ...headers },
      body: written(body),
      timeLimit: options.timeLimit ?? this.#options.timeLimit ?? 2000,
      attempts: Math.max(this.#options.attempts ?? 3, 1),
      signal: options.signal,
      fetch: this.#options.fetch ?? fetch,
    });
    return parsed(200, answer);
  }
}

function verdictOf(path: string, { result, id: decisionId }: Decision): Verdict {
  const no = { isAllowed: false, decisionId } as const;
  if (result === true) return { isAllowed: true, reason: "allowed", why: `${path} is true`, decisionId };
  if (result === false) return { ...no, reason: "denied", why: `${path} is false` };
  if (result === undefined) return { ...no, reason: "undefined", why: `${path} is undefined` };
  return { ...no, reason: "not_boolean", why: `${path} is neither true nor false` };
}

/** Names are names: what means something in URLs is escaped. */
function escaped(path: string): string {
  const names = path.split("/");
  // "." and ".." would be taken out of the URL before anybody sees them, escaped or not.
  if (names.some((name) => name === "" || name === "." || name === "..")) {
    throw new WritError("invalid_input", "a path is names with / between: app/authz/allow");
  }
  return names.map(encodeURIComponent).join("/");
}

function accepted(dialect: string): string {
  if (dialect === "ucast") return "application/vnd.opa.ucast.all+json";
  const family = dialect.startsWith("ucast.") ? "" : "sql.";
  return `application/vnd.opa.${family}${dialect}+json`;
}

function written(body: unknown): string {
  try {
    return JSON.stringify(body);
  } catch (cause) {
    throw new WritError("invalid_input", `the input is no JSON: ${String(cause)}`, { cause });
  }
}

function asWritError(thrown: unknown): WritError {
  if (thrown instanceof WritError) return thrown;
  return new WritError("internal", String(thrown), { cause: thrown });
}
