import type { WebhookErrorCode } from "@ahasend-webhooks/core";

/** A request that was captured on its way to a receiver. */
export interface CapturedRequest {
  /** Pairs of name, in any case, and value; a repeated header has several. Accepts a Fetch `Headers`. */
  headers: Iterable<readonly [name: string, value: string]>;
  /** The exact body; a string stands for its UTF-8 bytes. */
  body: Uint8Array | string;
}

/** Options of {@link diagnose}. */
export interface DiagnoseOptions {
  /** The secrets that may have signed it, as the receiver is configured with them. */
  secret: string | readonly string[];
  /** Largest distance of `webhook-timestamp` from now, in seconds, both ways. @default 300 */
  toleranceSeconds?: number;
  /**
   * Skip the search for the cause of a wrong signature in bodies of more than this many bytes: it blocks the event loop,
   * for up to 10 s with 30 MB.
   * @default Infinity
   */
  maxBodyBytes?: number;
  /** The current time in milliseconds since 1970. @default Date.now */
  now?: () => number;
}

/** A problem of a request, or of the secret it is verified with. The set is closed. */
export type DiagnosisCode =
  | "missing_header"
  | "repeated_header"
  | "malformed_id"
  | "malformed_timestamp"
  | "malformed_signature"
  | "stale_timestamp"
  | "future_timestamp"
  | "secret_unusable"
  | "secret_padded"
  | "secret_quoted"
  | "secret_prefix_missing"
  | "secret_prefix_stripped"
  | "secret_base64_decoded"
  | "id_and_timestamp_swapped"
  | "id_not_signed"
  | "timestamp_not_signed"
  | "body_rewritten"
  | "body_unescaped"
  | "body_with_bom"
  | "body_line_ends"
  | "body_line_break_added"
  | "body_line_break_lost"
  | "body_latin1"
  | "body_utf16"
  | "body_base64"
  | "body_stringified_twice"
  | "body_compressed"
  | "body_empty"
  | "body_incomplete"
  | "body_parsed"
  | "body_invalid"
  | "body_not_searched"
  | "no_match";

/** A problem that {@link diagnose} found. */
export interface DiagnosisProblem {
  code: DiagnosisCode;
  /** The problem and its fix, in a sentence. */
  message: string;
}

/** The result of {@link diagnose}. */
export type Diagnosis =
  | {
      verifies: true;
      /** The index of the secret that signed it, from 0. */
      secretIndex: number;
      deliveryId: string;
      /** The time at which the attempt was signed. */
      sentAt: Date;
      /** The type of the event. */
      type: string;
    }
  | {
      verifies: false;
      /** The code with which a receiver refuses it. */
      code: WebhookErrorCode;
      /** All problems, the cause of a wrong signature first. */
      problems: readonly DiagnosisProblem[];
    };
