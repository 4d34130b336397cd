/** The answer to a request for a page. */
export interface PageReply {
  status: number;
  headers?: Readonly<Record<string, string>>;
  body?: string | Uint8Array;
}
