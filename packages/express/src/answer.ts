import type { Reply } from "@ahasend-webhooks/core";
import { writeReply } from "@ahasend-webhooks/core/node";
import type { NextFunction, Request, Response } from "express";

/** Writes the reply; what went wrong on our side reaches Express's error handlers once the sender has his answer. */
export async function answer(req: Request, res: Response, next: NextFunction, reply: Reply): Promise<void> {
  const { error } = reply;
  if (error?.status === 500)
    res.once("close", () => next(error.cause instanceof Error ? error.cause : error));
  await writeReply(req, res, reply);
}
