import { setTimeout as pause } from "node:timers/promises";

import type { ReceivedReply } from "../transport/received-reply.js";
import type { Obstacle } from "../endpoints/obstacle.js";
import type { Redirect } from "../transport/redirect.js";
import type { OutgoingRequest } from "../transport/outgoing-request.js";
import type { Transport } from "../transport/transport.js";

/** Sends a request past what stands in its way. Throws what {@link Transport.send} does. */
export async function sendPast(
  { obstacle, transport }: { obstacle: Obstacle | null; transport: Transport },
  request: OutgoingRequest,
  redirects: Redirect[],
  signal: AbortSignal,
): Promise<ReceivedReply> {
  if (obstacle?.kind === "fail") return { status: obstacle.status, headers: {}, body: "" };
  const answer = await transport.send(request, redirects, signal);
  if (obstacle?.kind === "slow") {
    await pause(obstacle.seconds * 1000, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
  return answer;
}
