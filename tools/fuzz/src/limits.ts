/** The secret of every delivery and every server. */
export const secret = "aha-whsec-Vn6qT3wY8kB1mX5rC9pL2sD7fH4gZ0jA";

/** The time of the servers' clocks, in milliseconds since 1970: it is fixed, so that a script stays fresh at every replay. */
export const clockMs = Date.UTC(2026, 6, 14, 15, 3, 21);

/** The path that deliveries are sent to. */
export const path = "/webhooks/ahasend";

/** Limits of every receiver: short times, and a memory budget of which the largest body needs 90 %. */
export const receiverLimits = {
  maxBodyBytes: 400_000,
  maxInFlightBytes: 1_000_000,
  bodyTimeoutSeconds: 0.8,
  deadlineSeconds: 0.3,
  inFlightWaitSeconds: 0.2,
};

/** Limits of every `http.Server`, in milliseconds. */
export const serverLimits = {
  connectionsCheckingInterval: 100,
  headersTimeout: 1000,
  requestTimeout: 2000,
  keepAliveTimeout: 200,
};

/**
 * The longest time that a connection may stay open without activity, in milliseconds: the longest of the times above and
 * the second that a refused sender gets to read its reply, doubled for a busy machine.
 */
export const silenceMs = 2 * (serverLimits.requestTimeout + serverLimits.connectionsCheckingInterval + 1000);

/** The time limit of `receiver.close()` and of the server's `close` after all clients have disconnected, in milliseconds. */
export const closeMs = 1500;

/** Id prefixes of deliveries whose handler throws (`fails`), or runs until its deadline (`slow`). */
export const handlerPrefix = { fails: "fails_", slow: "slow_" } as const;

/** The message of the error that a failing handler throws. */
export const handlerError = "This handler fails, as its delivery asks.";
