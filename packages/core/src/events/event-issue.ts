import type { AhaSendEvent, UnknownEvent } from "./event.js";

/** A difference between an authentic event and what is documented, as a validator reports it. */
export interface EventIssue {
  /** For example `must be a string`. Do not put a value of the event into it: it is logged. */
  readonly message: string;
  /** From the event to the field: `["data", "recipient"]`. */
  readonly path: readonly PropertyKey[];
}

/** Returns the issues of an event, at once; an empty list for none. */
export type EventValidator = (event: AhaSendEvent | UnknownEvent) => readonly EventIssue[];
