import type { Reply } from "./reply.js";

/** A request to the API. The emulator validates its fields. */
export interface ApiCall {
  /** The parts of the path that match a `*`, in order. */
  params: string[];
  /** The fields of its body; empty for `GET` and `DELETE`. */
  fields: Record<string, unknown>;
}

/** The handlers by method and path; `*` stands for an id. */
export type Api = Readonly<Record<string, (call: ApiCall) => Reply>>;
