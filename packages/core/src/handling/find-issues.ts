import { callQuietly } from "../call-quietly.js";
import { summarizeError } from "../describe-error.js";
import type { AhaSendEvent, UnknownEvent } from "../events/event.js";
import type { EventIssue, EventValidator } from "../events/event-issue.js";

/** Returns what the validator reports, if anything. A validator that fails is an issue itself, and never an error. */
export function findIssues(
  validate: EventValidator | undefined,
  event: AhaSendEvent | UnknownEvent,
): readonly EventIssue[] | undefined {
  if (validate === undefined) return undefined;
  try {
    const issues: unknown = validate(event);
    if (Array.isArray(issues)) return issues.length > 0 ? (issues as readonly EventIssue[]) : undefined;
    callQuietly(() => issues);
    return toIssues("validate returned something else than a list of issues: it must return one, at once");
  } catch (error) {
    return toIssues(`validate threw ${summarizeError(error)}`);
  }
}

function toIssues(message: string): readonly EventIssue[] {
  return [{ message, path: [] }];
}
