export { WritClient } from "./client.js";
export type {
  CallOptions,
  ClientOptions,
  CompileOptions,
  Decision,
  Filter,
  Json,
  Reason,
  Ucast,
  Verdict,
} from "./types.js";
export { WritError } from "./error.js";
export type { ErrorCode, Problem } from "./error.js";
