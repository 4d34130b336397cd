import { createReceiver } from "@ahasend-webhooks/core";
import { nodeHandler } from "@ahasend-webhooks/core/node";

import { type StartEndpoint, createLimitedServer, listen, receiverOptions } from "./endpoint.js";

/** Nothing but node:http. */
export const startNode: StartEndpoint = (setup) => {
  const receiver = createReceiver(receiverOptions(setup));
  return listen(createLimitedServer(nodeHandler(receiver)), () => receiver.close());
};
