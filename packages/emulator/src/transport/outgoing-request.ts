/** A request as it is sent. */
export interface OutgoingRequest {
  method: "POST" | "GET";
  url: string;
  headers: Record<string, string>;
  /** A string is sent as UTF-8. */
  body: string | Uint8Array;
  /** Duration of the upload. */
  uploadSeconds: number;
}
