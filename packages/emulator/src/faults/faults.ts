/** What all faults of a request have. */
interface Spoils {
  /** In how many attempts, from the first on; later ones are valid. @default all of them */
  attempts?: number;
}

/** Signed at another time. */
interface Timestamp extends Spoils {
  kind: "timestamp";
  /** Below 0 stale, above 0 in the future. */
  offsetSeconds: number;
}

/** Signed with a secret that the receiver does not know. */
interface WrongSecret extends Spoils {
  kind: "wrong_secret";
}

/** Signed with another secret as well, as while a secret is rotated. Must be accepted. */
interface RotatedSecret extends Spoils {
  kind: "rotated_secret";
}

/** Without the header `webhook-signature`. */
interface Unsigned extends Spoils {
  kind: "unsigned";
}

/** Signed as another version than `v1` only. */
interface UnknownVersion extends Spoils {
  kind: "unknown_version";
  /** @default "v2" */
  version?: string;
}

/** Entries of other versions and malformed ones beside the right one. Must be accepted. */
interface ExtraSignatures extends Spoils {
  kind: "extra_signatures";
}

/** Ends before the signed body does. */
interface TruncatedBody extends Spoils {
  kind: "truncated_body";
  /** How many bytes are left. @default half of them */
  bytes?: number;
}

/** The body takes its time to be sent. */
interface SlowUpload extends Spoils {
  kind: "slow_upload";
  /** From 0 to 3600. */
  seconds: number;
}

/** The body is compressed. */
interface ContentEncoding extends Spoils {
  kind: "content_encoding";
  encoding: "gzip" | "deflate" | "br";
}

/** The same delivery several times. */
interface Copies {
  kind: "copies";
  /** The number of deliveries in all, from 1 to 1,000. */
  count: number;
  /** At the same time, or each after the first attempt of the one before. */
  timing: "together" | "in_turn";
}

/** Several events arrive in reverse order, each after the first attempt of the one before. */
interface Reordered {
  kind: "reordered";
}

/** The event has a type that did not exist yesterday. Must be accepted. */
interface UnknownType {
  kind: "unknown_type";
  /** @default "message.teleported" */
  type?: string;
}

/** Fields that did not exist yesterday, in the envelope and in `data`. Must be accepted. */
interface ExtraFields {
  kind: "extra_fields";
}

/** What is wrong with a request, or unusual about it. */
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
 * What can be done to a delivery. Those of one list come together.
 *
 * @example
 * emulator.emit(event, { faults: [{ kind: "copies", count: 3, timing: "together" }, { kind: "extra_fields" }] });
 */
export type Fault = RequestFault | Copies | Reordered | UnknownType | ExtraFields;

/** The name of a fault. */
export type FaultKind = Fault["kind"];
