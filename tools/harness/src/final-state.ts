/** The part of an event that says how far its message has come. */
interface CourseEvent {
  readonly type: string;
  readonly data: object;
}

const stateByType: Readonly<Record<string, string>> = {
  "message.bounced": "bounced",
  "message.clicked": "delivered",
  "message.delivered": "delivered",
  "message.failed": "failed",
  "message.opened": "delivered",
  "message.reception": "accepted",
  "message.suppressed": "suppressed",
  "message.transient_error": "deferred",
};

/**
 * Returns the state that a lifecycle ends in: the state of its last event that has one. The events are in order, so it needs
 * no ranking of states: a test of `messageStatus` that uses it does not compare the function with itself.
 */
export function readFinalState(events: readonly CourseEvent[]): string | undefined {
  return events.flatMap((event) => readState(event) ?? []).at(-1);
}

function readState({ type, data }: CourseEvent): string | undefined {
  const isComplaint = "reason" in data && String(data.reason).startsWith("FBL");
  return isComplaint ? "complained" : stateByType[type];
}
