import { createReceiver } from "@ahasend-webhooks/core";
import { nodeHandler } from "@ahasend-webhooks/core/node";

import { type StartEndpoint, createLimitedServer, listen, createReceiverOptions } from "./endpoint.js";

/** node:http without a framework. */
export const startNode: StartEndpoint = (setup) => {
  const receiver = createReceiver(createReceiverOptions(setup));
  return listen(createLimitedServer(nodeHandler(receiver)), () => receiver.close());
};
