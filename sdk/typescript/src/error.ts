/** What a caller would do something different about. The C++ SDK has the same names. */
export type ErrorCode =
  | "cancelled" // the caller's signal
  | "evaluation" // the policy came to no answer: rules contradict each other, it took too much
  | "internal" // a defect, here or in the server
  | "invalid_input" // path, input or options
  | "not_permitted" // the server did not accept the credentials
  | "timed_out" // the time limit passed
  | "unavailable"; // nobody answered, or not now; may be tried again

/** One thing that is wrong with a policy, in OPA's terms. */
export interface Problem {
  /** "eval_conflict_error", "rego_parse_error", … */
  readonly code: string;
  readonly message: string;
  readonly file?: string;
  /** From 1. */
  readonly row?: number;
  readonly column?: number;
}

export class WritError extends Error {
  override readonly name = "WritError";
  readonly code: ErrorCode;
  /** OPA's code in the server's answer: "internal_error", "invalid_parameter", …; "" without one. */
  readonly opaCode: string;
  readonly problems: readonly Problem[];
  /** HTTP status of the answer; 0: there was none. */
  readonly status: number;

  constructor(
    code: ErrorCode,
    message: string,
    more: { opaCode?: string; problems?: readonly Problem[]; status?: number; cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.code = code;
    this.opaCode = more.opaCode ?? "";
    this.problems = more.problems ?? [];
    this.status = more.status ?? 0;
  }
}
