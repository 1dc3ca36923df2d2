// What answers of OPA's REST API mean. Private to the package.
import { type ErrorCode, type Problem, WritError } from "./error.js";
import type { Decision, Filter, Json, Ucast } from "./types.js";

type Members = { readonly [key: string]: unknown };

/** What is not here: below 500 invalid_input, above internal; 500 with problems is `evaluation`. */
const kMeanings: Readonly<Record<number, ErrorCode>> = {
  401: "not_permitted",
  403: "not_permitted",
  408: "timed_out",
  429: "unavailable",
  502: "unavailable",
  503: "unavailable",
  504: "timed_out",
};

function members(value: unknown): Members {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Members) : {};
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function problem(row: unknown): Problem {
  const { code, message, location } = members(row);
  const { file, row: line, col } = members(location);
  return {
    code: text(code),
    message: text(message),
    ...(typeof file === "string" ? { file } : {}),
    ...(typeof line === "number" ? { row: line } : {}),
    ...(typeof col === "number" ? { column: col } : {}),
  };
}

export function refusal(status: number, body: string): WritError {
  let answer: Members = {};
  try {
    answer = members(JSON.parse(body));
  } catch {
    // Somebody between us and the server answered: the status says enough.
  }
  const problems = Array.isArray(answer["errors"]) ? answer["errors"].map(problem) : [];
  const isPolicys = status === 500 && problems.length > 0;
  const code = isPolicys ? "evaluation" : (kMeanings[status] ?? (status >= 500 ? "internal" : "invalid_input"));
  const message = text(answer["message"]) || `the server answered ${status}`;
  return new WritError(code, message, { opaCode: text(answer["code"]), problems, status });
}

export function parsed(status: number, body: string): Members {
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch (cause) {
    throw new WritError("internal", "the server's answer is no JSON", { status, cause });
  }
  if (typeof answer !== "object" || answer === null || Array.isArray(answer)) {
    throw new WritError("internal", "the server's answer is no JSON object", { status });
  }
  return answer as Members;
}

export function decision<T extends Json>(answer: Members): Decision<T> {
  return { result: answer["result"] as T | undefined, id: text(answer["decision_id"]) };
}

/** No query: no row; one that is empty: every row. */
export function filter(answer: Members): Filter {
  const { query, masks } = members(answer["result"]);
  const masked = masks === undefined ? {} : { masks: masks as Json };
  if (query === undefined || query === null) return { rows: "none" };
  if (typeof query === "string") {
    return query === "" ? { rows: "all", ...masked } : { rows: "some", query, ...masked };
  }
  if (typeof query !== "object" || Array.isArray(query)) {
    throw new WritError("internal", "the server's filter is neither text nor an object", { status: 200 });
  }
  const isAll = Object.keys(query).length === 0;
  return isAll ? { rows: "all", ...masked } : { rows: "some", query: query as Ucast, ...masked };
}
