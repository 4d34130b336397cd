import type {
  AhaSendEvent,
  AhaSendEventOf,
  AhaSendEventType,
  DomainDnsErrorData,
  Envelope,
  EventValidator,
  UnknownEvent,
} from "@ahasend-webhooks/core";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { expectTypeOf, it } from "vitest";

import {
  type KnownClassification,
  type MessageStatus,
  eventSchema,
  isKnownClassification,
  messageStatus,
  shouldSuppress,
  validateEvent,
} from "../src/index.js";
import type { FromFields, dataFields, envelopeFields } from "../src/validation/fields.js";

type Table = typeof dataFields;

/** Without `delivery_attempt?: never`, which says that a field does not exist. */
type WithoutNever<Data> = {
  [Name in keyof Data as [Exclude<Data[Name], undefined>] extends [never] ? never : Name]: Data[Name];
};

type Documented = { [Type in AhaSendEventType]: WithoutNever<AhaSendEventOf<Type>["data"]> };
type Checked = { [Type in AhaSendEventType]: FromFields<Table[Type]> };

it("checks exactly the fields of the core's event types, with their types", () => {
  expectTypeOf<keyof Table>().toEqualTypeOf<AhaSendEventType>();
  expectTypeOf<Checked>().toEqualTypeOf<Documented>();
  expectTypeOf<FromFields<Table["domain.dns_error"]>>().toEqualTypeOf<DomainDnsErrorData>();
  type EnvelopeFields = Omit<Envelope<string, unknown>, "data"> &
    Pick<AhaSendEventOf<"message.routing">, "route_id">;
  expectTypeOf<FromFields<typeof envelopeFields>>().toEqualTypeOf<{
    [Name in keyof EnvelopeFields]: EnvelopeFields[Name];
  }>();
});

it("fits the option validate of a receiver", () => {
  expectTypeOf(validateEvent).toExtend<EventValidator>();
});

it("is a Standard Schema by its specification", () => {
  expectTypeOf(eventSchema).toExtend<StandardSchemaV1<unknown, AhaSendEvent | UnknownEvent>>();
  expectTypeOf<StandardSchemaV1.InferOutput<typeof eventSchema>>().toEqualTypeOf<
    AhaSendEvent | UnknownEvent
  >();
});

it("returns a status for every message event, and perhaps one for others", () => {
  expectTypeOf(messageStatus(null, {} as AhaSendEventOf<"message.opened">)).toEqualTypeOf<MessageStatus>();
  expectTypeOf(messageStatus(undefined, {} as AhaSendEvent | UnknownEvent)).toEqualTypeOf<
    MessageStatus | undefined
  >();
  // @ts-expect-error it may be undefined
  const { reason } = shouldSuppress({} as AhaSendEvent);
  void reason;
});

it("narrows a classification", () => {
  const classification: string = "InvalidRecipient";
  if (isKnownClassification(classification))
    expectTypeOf(classification).toEqualTypeOf<KnownClassification>();
});
