/** The headers of a request: a Fetch `Headers`, or an object of names in any case, such as Node's. */
export type HeadersLike =
  | { get(name: string): string | null }
  | Readonly<Record<string, string | readonly string[] | undefined>>;

/** One request, as an adapter passes it on. */
export interface WebhookRequest {
  /** @default "POST" */
  method?: string | undefined;
  headers: HeadersLike;
  /** Node's flat list of names and values: with it, repeated headers are seen and refused. */
  rawHeaders?: readonly string[] | undefined;
  /**
   * The untouched body: bytes, a string, or a stream (Node `Readable`, web `ReadableStream`, any async iterable of
   * bytes). Not read before the headers have passed.
   */
  body: unknown;
  /** The framework's own request, for a secret look-up and for `context.native`. */
  native?: unknown;
  /** The advice in the log if the body was parsed before it could be verified: a sentence without a full stop. */
  parsedBodyCure?: string | undefined;
}
