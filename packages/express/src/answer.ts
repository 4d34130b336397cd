import type { Reply } from "@ahasend-webhooks/core";
import { writeReply } from "@ahasend-webhooks/core/node";
import type { NextFunction, Request, Response } from "express";

/** Writes the reply; what went wrong on our side reaches Express's error handlers once the sender has his answer. */
export async function answer(req: Request, res: Response, next: NextFunction, reply: Reply): Promise<void> {
  const { error } = reply;
  if (error?.status !== 500) return writeReply(req, res, reply);
  const tell = () => next(error.cause instanceof Error ? error.cause : error);
  if (res.destroyed) return tell();
  res.once("close", tell);
  // Express destroys the socket of an error whose reply is out: the sender must not send the next delivery on it.
  await writeReply(req, res, { ...reply, headers: { ...reply.headers, connection: "close" } });
}
