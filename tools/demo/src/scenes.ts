import { randomBytes } from "node:crypto";

import { isKnownEvent } from "@ahasend-webhooks/core";
import { type SignedDelivery, createEvent, signDelivery, vectors } from "@ahasend-webhooks/testing";

/** One delivery of the demo and its expected result. */
export interface Scene {
  /** The delivery, in words. */
  sent: string;
  delivery: SignedDelivery;
  /** The expected status. */
  status: number;
  /** The expected reaction of the app, in words. */
  reaction: RegExp;
}

/** Creates every delivery of the demo, signed now. */
export function createScenes(secret: string): Scene[] {
  const sign = (event: Parameters<typeof signDelivery>[0]["event"], at = Date.now()) =>
    signDelivery({ secret, event, at });
  const bounce = createEvent("message.bounced", { data: { recipient: "twice@customer.example" } });
  const once = sign(bounce);
  const forged = sign(createEvent("suppression.created", { data: { recipient: "ceo@customer.example" } }));
  return [
    ...vectorsByType().map(({ wireType, type, body }) => ({
      sent: wireType,
      delivery: sign(body),
      status: 204,
      reaction: expectedReaction(type),
    })),
    { sent: "a bounce", delivery: once, status: 204, reaction: /^suppressed twice@customer\.example$/ },
    { sent: "  the same again", delivery: once, status: 204, reaction: /^duplicate$/ },
    {
      sent: "a forged suppression",
      delivery: { ...forged, body: forged.body.replace("ceo@", "cto@") },
      status: 401,
      reaction: /^refused: invalid_signature$/,
    },
    {
      sent: "a replay after an hour",
      delivery: sign(bounce, Date.now() - 3_600_000),
      status: 401,
      reaction: /^refused: stale_timestamp$/,
    },
    {
      sent: "a type from the future",
      delivery: sign('{"type":"message.teleported","timestamp":"2026-07-14T15:03:21Z","data":{}}'),
      status: 204,
      reaction: /^counted message\.teleported$/,
    },
    {
      sent: "inbound mail of 5 MB",
      delivery: sign(largeMail()),
      status: 204,
      reaction: /^stored mail with 2 attachments \(5\.0 MB\)$/,
    },
  ];
}

/** Returns the first vector of each documented type and of the deprecated name, with the type as sent. */
function vectorsByType() {
  const byType = new Map<string, { wireType: string; type: string; body: string }>();
  for (const { type, body } of vectors) {
    const wireType = (JSON.parse(body) as { type: string }).type;
    if (isKnownEvent({ type, timestamp: "", data: {} }) && !byType.has(wireType))
      byType.set(wireType, { wireType, type, body });
  }
  return [...byType.values()];
}

function expectedReaction(type: string): RegExp {
  if (type === "message.bounced" || type === "suppression.created") return /^suppressed \S+@\S+$/;
  if (type === "message.opened") return /^counted an open by (a human|a bot)$/;
  if (type === "message.routing") return /^stored mail with \d+ attachments? \(\S+ (bytes|MB)\)$/;
  return new RegExp(`^counted ${type.replaceAll(".", "\\.")}$`);
}

function largeMail() {
  const attachment = (filename: string, content_type: string, bytes: number) => ({
    filename,
    content_type,
    content_id: "",
    disposition: "attachment",
    data: randomBytes(bytes).toString("base64"),
  });
  const attachments = [
    attachment("scan.pdf", "application/pdf", 2_500_000),
    attachment("../../photo.jpg", "image/jpeg", 2_500_000),
  ];
  return createEvent("message.routing", { data: { subject: "The signed contract", attachments } });
}
