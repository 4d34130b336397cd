/** What goes over the wire in one attempt. */
export interface OutgoingRequest {
  method: "POST" | "GET";
  url: string;
  headers: Record<string, string>;
  /** A text is sent as UTF-8. */
  body: string | Uint8Array;
  /** How long the body takes to be sent. */
  uploadSeconds: number;
}
