import { ahaSendWebhooks, verifyAhaSendWebhook } from "@ahasend-webhooks/express";
import express from "express";

import { secret } from "../deliveries.js";
import { listen } from "./listen.js";
import { MAX_BODY_BYTES, type StartServer, path, receiverOptions, webhook } from "./variant.js";

/** Express 5. */
export const startExpress: StartServer = (variant) => {
  const app = express();
  if (variant === "bare") {
    app.post(path, (req, res) => {
      req.resume().once("end", () => res.status(204).end());
    });
  }
  if (variant === "recipe") {
    app.post(path, express.raw({ type: "application/json", limit: MAX_BODY_BYTES }), (req, res) => {
      webhook.verify(req.body as Buffer, req.headers as Record<string, string>);
      res.status(204).end();
    });
  }
  if (variant === "verified") {
    app.post(path, verifyAhaSendWebhook({ secret }), (_req, res) => res.status(204).end());
  }
  if (variant === "received") app.post(path, ahaSendWebhooks(receiverOptions));
  return listen(app);
};
