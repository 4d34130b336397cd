import { createReceiver, createVerifier } from "@ahasend-webhooks/core";
import { nodeHandler, nodeRequest } from "@ahasend-webhooks/core/node";

import { secret } from "../deliveries.js";
import { listen } from "./listen.js";
import { type StartServer, receiverOptions, webhook } from "./variant.js";

/** node:http without a framework. */
export const startNode: StartServer = (variant, store) => {
  if (variant === "bare") {
    return listen((request, response) => {
      request.resume().once("end", () => response.writeHead(204).end());
    });
  }
  if (variant === "verified") {
    const verifier = createVerifier({ secret });
    return listen((request, response) => {
      void verifier.verify(nodeRequest(request)).then(() => response.writeHead(204).end());
    });
  }
  if (variant === "received") {
    return listen(nodeHandler(createReceiver({ ...receiverOptions, ...(store && { store }) })));
  }
  return listen((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.once("end", () => {
      webhook.verify(Buffer.concat(chunks), request.headers as Record<string, string>);
      response.writeHead(204).end();
    });
  });
};
