import type { WritError } from "./error.js";

/** What JSON can say. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export interface ClientOptions {
  /** "Authorization: Bearer …". */
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Of each call with everything in it, in milliseconds; 2000. */
  readonly timeLimit?: number;
  /** The first included; 3. */
  readonly attempts?: number;
  /** Decisions of a batch that are asked for at once; 8. */
  readonly connections?: number;
  /** Stands in for the global one. */
  readonly fetch?: typeof fetch;
}

export interface CallOptions {
  /** In milliseconds, instead of the client's. */
  readonly timeLimit?: number;
  /** Gives the call up. */
  readonly signal?: AbortSignal;
}

/** What a policy says. Undefined, false and an error are three things; an error is thrown. */
export interface Decision<T extends Json = Json> {
  /** `undefined`: the document is undefined for this input. */
  readonly result: T | undefined;
  /** In the server's decision log; "" where it keeps none. */
  readonly id: string;
}

export type Reason = "allowed" | "denied" | "undefined" | "not_boolean" | "error";

/** A decision as a service enforces it, with why. An object is truthy: ask `isAllowed`. */
export interface Verdict {
  readonly isAllowed: boolean;
  readonly reason: Reason;
  /** One sentence for logs; not for the one who was refused. */
  readonly why: string;
  /** "": there was no decision, or the server keeps no log. */
  readonly decisionId: string;
  readonly error?: WritError;
}

/** https://github.com/stalniy/ucast */
export interface Ucast {
  readonly type: string;
  readonly operator: string;
  readonly field?: string;
  readonly value: Json | readonly Ucast[];
}

export interface CompileOptions extends CallOptions {
  /** "postgresql", "mysql", "sqlite", "sqlserver"; "ucast", or a variant of it: "ucast.prisma". */
  readonly dialect: string;
  /** What stands for a row: ["input.documents"]. By default what the rule's annotation says. */
  readonly unknowns?: readonly string[];
  /** Names of tables and columns: {documents: {$self: "docs", owner: "owner_id"}}. */
  readonly tables?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Which rows the policy allows. */
export type Filter =
  | { readonly rows: "none" }
  | { readonly rows: "all"; readonly masks?: Json }
  | {
      readonly rows: "some";
      /** "WHERE …", or a UCAST document. */
      readonly query: string | Ucast;
      /** What the mask rule says about columns. */
      readonly masks?: Json;
    };
