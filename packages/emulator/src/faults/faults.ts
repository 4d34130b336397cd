/** An event of AhaSend's can come this late: a day. */
export const MAX_LATE_SECONDS = 86_400;

/** Common field of all faults of a request. */
interface AttemptLimit {
  /** Number of attempts with the fault, from the first on; later ones are valid. @default all */
  attempts?: number;
}

/** Signed for another time. */
interface Timestamp extends AttemptLimit {
  kind: "timestamp";
  /** Below 0: stale. Above 0: in the future. */
  offsetSeconds: number;
}

/** Signed with a secret that the receiver does not know. */
interface WrongSecret extends AttemptLimit {
  kind: "wrong_secret";
}

/** Signed with a second secret as well, as during a rotation. Must be accepted. */
interface RotatedSecret extends AttemptLimit {
  kind: "rotated_secret";
}

/** Without the header `webhook-signature`. */
interface Unsigned extends AttemptLimit {
  kind: "unsigned";
}

/** Signed only as a version other than `v1`. */
interface UnknownVersion extends AttemptLimit {
  kind: "unknown_version";
  /** @default "v2" */
  version?: string;
}

/** Entries of other versions and malformed ones beside the valid one. Must be accepted. */
interface ExtraSignatures extends AttemptLimit {
  kind: "extra_signatures";
}

/** Ends before the signed body does. */
interface TruncatedBody extends AttemptLimit {
  kind: "truncated_body";
  /** Number of bytes sent. @default half of the body */
  bytes?: number;
}

/** The upload of the body is slow. */
interface SlowUpload extends AttemptLimit {
  kind: "slow_upload";
  /** From 0 to 3600. */
  seconds: number;
}

/** The body is compressed. */
interface ContentEncoding extends AttemptLimit {
  kind: "content_encoding";
  encoding: "gzip" | "deflate" | "br";
}

/** The same delivery several times. */
interface Copies {
  kind: "copies";
  /** Number of deliveries in all, from 1 to 1,000. */
  count: number;
  /** At the same time, or each after the first attempt of the previous one. */
  timing: "together" | "in_turn";
}

/** The same event several times, each under an id of its own: AhaSend repeats facts as well as deliveries. */
interface RepeatedEvent {
  kind: "repeated_event";
  /** Number of deliveries in all, from 1 to 1,000. */
  count: number;
  /** At the same time, or each after the first attempt of the previous one. */
  timing: "together" | "in_turn";
}

/** An event that arrives after later ones: it is dated earlier. Must be accepted, and must not undo the later ones. */
interface OutOfOrder {
  kind: "out_of_order";
  /** Seconds earlier, from 1 to 86,400. @default 86_400 (AhaSend's events can come up to a day late) */
  seconds?: number;
}

/** Several events in reverse order, each after the first attempt of the previous one. */
interface Reordered {
  kind: "reordered";
}

/** An event of a type that is not known yet. Must be accepted. */
interface UnknownType {
  kind: "unknown_type";
  /** @default "message.teleported" */
  type?: string;
}

/** Fields that are not known yet, in the envelope and in `data`. Must be accepted. */
interface ExtraFields {
  kind: "extra_fields";
}

/** A fault of single requests: invalid ones, and unusual ones that are valid. */
export type RequestFault =
  | Timestamp
  | WrongSecret
  | RotatedSecret
  | Unsigned
  | UnknownVersion
  | ExtraSignatures
  | TruncatedBody
  | SlowUpload
  | ContentEncoding;

/**
 * A fault of a delivery. The faults of a list are combined.
 *
 * @example
 * emulator.emit(event, { faults: [{ kind: "copies", count: 3, timing: "together" }, { kind: "extra_fields" }] });
 */
export type Fault =
  | RequestFault
  | Copies
  | RepeatedEvent
  | OutOfOrder
  | Reordered
  | UnknownType
  | ExtraFields;

/** The kind of a fault. */
export type FaultKind = Fault["kind"];
