import { expect, it } from "vitest";

import * as mail from "../src/index.js";

it("exports exactly the documented names", () => {
  expect(Object.keys(mail).toSorted()).toEqual([
    "bounceKind",
    "eventSchema",
    "inboundKey",
    "isAutomated",
    "isComplaint",
    "isHumanClick",
    "isHumanOpen",
    "isKnownClassification",
    "knownClassifications",
    "messageKey",
    "messageStates",
    "messageStatus",
    "parseAddress",
    "parseAddresses",
    "readActor",
    "readAttachments",
    "readThread",
    "replyText",
    "resolveInlineImages",
    "shouldSuppress",
    "suppressionKind",
    "validateEvent",
  ]);
});
