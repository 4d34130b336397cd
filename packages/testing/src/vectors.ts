import contract from "../../../contract/vectors.json" with { type: "json" };

/** A delivery that a receiver must accept byte for byte, when its clock is at `webhook_timestamp`. */
export interface Vector {
  name: string;
  note: string;
  secret: string;
  webhook_id_header: string;
  /** Unix seconds. */
  webhook_timestamp: string;
  webhook_signature: string;
  /** The exact body. */
  body: string;
  body_sha256: string;
  /** The event type that the handler must receive. */
  type: string;
}

/** Signed deliveries of every event type, some of them fixtures of AhaSend's own SDKs. */
export const vectors: readonly Vector[] = contract.vectors;
