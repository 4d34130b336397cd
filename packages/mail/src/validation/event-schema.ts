import type { AhaSendEvent, EventIssue, UnknownEvent } from "@ahasend-webhooks/core";

import { validateEvent } from "./validate-event.js";

/** The part of the Standard Schema specification, version 1, that validators and frameworks call. */
export interface StandardEventSchema {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: "ahasend-webhooks";
    readonly validate: (
      value: unknown,
    ) =>
      | { readonly value: AhaSendEvent | UnknownEvent; readonly issues?: undefined }
      | { readonly issues: readonly EventIssue[] };
    /** For inference only: it does not exist when the program runs. */
    readonly types?: { readonly input: unknown; readonly output: AhaSendEvent | UnknownEvent };
  };
}

/**
 * {@link validateEvent} as a Standard Schema, for libraries that take one. The value passes through unchanged, with its unknown
 * fields.
 *
 * Source: standardschema.dev, version 1. Throws nothing.
 *
 * @example
 * const result = eventSchema["~standard"].validate(JSON.parse(line));
 * if (!result.issues) replay(result.value);
 */
export const eventSchema: StandardEventSchema = {
  "~standard": {
    version: 1,
    vendor: "ahasend-webhooks",
    validate: (value) => {
      const issues = validateEvent(value);
      return issues.length > 0 ? { issues } : { value: value as AhaSendEvent | UnknownEvent };
    },
  },
};
