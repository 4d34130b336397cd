import { type IncomingMessage, get } from "node:http";

import { onTestFinished } from "vitest";

import type { Changes, DeliveryRow, EndpointView, Snapshot } from "../../src/dev/view.js";

/** A message of the emulator to its pages. */
export interface Message {
  event: "snapshot" | "changes";
  data: Snapshot & Partial<Changes>;
}

/** Subscribes to the changes of an emulator as its page does, until the test ends. */
export async function watch(url: string) {
  const messages: Message[] = [];
  const endpoints = new Map<string, EndpointView>();
  const deliveries = new Map<string, DeliveryRow>();
  const apply = ({ event, data }: Message) => {
    if (event === "snapshot") endpoints.clear();
    if (event === "snapshot") deliveries.clear();
    for (const endpoint of data.endpoints) endpoints.set(endpoint.id, endpoint);
    for (const id of data.deletedEndpoints ?? []) endpoints.delete(id);
    for (const row of data.deliveries) deliveries.set(row.key, row);
  };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = get(new URL("/api/changes", url), resolve).on("error", reject);
    onTestFinished(() => void request.destroy());
  });
  let text = "";
  response.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
    // Splitting only at the end of a message keeps long ones linear.
    if (!chunk.endsWith("\n")) return;
    const parts = text.split("\n\n");
    text = parts.pop() ?? "";
    for (const message of parts.map(parseMessage)) {
      messages.push(message);
      apply(message);
    }
  });
  response.on("error", () => undefined);
  return {
    messages,
    headers: response.headers,
    /** Pauses and resumes reading. */
    pause: () => response.pause(),
    resume: () => response.resume(),
    /** Returns the state of a page that has applied all messages. */
    state: () => ({ speed: messages.at(-1)?.data.speed, endpoints: [...endpoints.values()], deliveries }),
  };
}

function parseMessage(part: string): Message {
  const [, event, data] = /^event: (\w+)\ndata: (.*)$/.exec(part)!;
  return { event: event as Message["event"], data: JSON.parse(data!) as Message["data"] };
}
