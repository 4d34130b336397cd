import type { WebhookErrorCode } from "@ahasend-webhooks/core";

/** A request as it was caught on its way to a receiver. */
export interface CapturedRequest {
  /** Names in any case, and values; one that is there twice is listed twice. A Fetch `Headers` is such a list. */
  headers: Iterable<readonly [name: string, value: string]>;
  /** A text stands for its UTF-8 bytes. */
  body: Uint8Array | string;
}

/** What a request is judged by. */
export interface DiagnoseOptions {
  /** The secrets that may have signed it, as the receiver was given them. */
  secret: string | readonly string[];
  /** How far `webhook-timestamp` may be from now, both ways. @default 300 */
  toleranceSeconds?: number;
  /**
   * In larger bodies the cause of a wrong signature is not looked for: with 30 MB it takes up to 10 s, in which nothing
   * else runs.
   * @default Infinity
   */
  maxBodyBytes?: number;
  /** As of when to judge: milliseconds since 1970. @default Date.now */
  now?: () => number;
}

/** What can be wrong with a request, or with the secret it is held against. The set is closed. */
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

/** One thing that is wrong. */
export interface DiagnosisProblem {
  code: DiagnosisCode;
  /** What it is, in a sentence that ends with the cure. */
  message: string;
}

/** What {@link diagnose} has found. */
export type Diagnosis =
  | {
      verifies: true;
      /** Which of the secrets has signed it, from 0. */
      secretIndex: number;
      deliveryId: string;
      /** When the attempt was signed. */
      sentAt: Date;
      /** The type of the event. */
      type: string;
    }
  | {
      verifies: false;
      /** What a receiver answers. */
      code: WebhookErrorCode;
      /** All that is wrong, the cause of a wrong signature first. */
      problems: readonly DiagnosisProblem[];
    };
