import { createEvent, signDelivery } from "@ahasend-webhooks/testing";
import { Injectable, Logger, Module, type Provider, Scope } from "@nestjs/common";
import { ExpressAdapter } from "@nestjs/platform-express";
import { defer, throwError } from "rxjs";
import { afterEach, describe, expect, it, vi } from "vitest";

import { AhaSendWebhooksModule, AhaSendWebhooksService, OnAhaSendEvent } from "../src/index.js";
import { createApp, secret } from "./helpers.js";

afterEach(() => vi.restoreAllMocks());

/** A decorator that replaces the method, as decorators for tracing and timing do. */
const Timed: MethodDecorator = (_target, _key, descriptor) => {
  const original = descriptor.value as unknown as (...args: unknown[]) => unknown;
  descriptor.value = function (this: unknown, ...args: unknown[]) {
    calls.push("timed");
    return original.apply(this, args);
  } as never;
};

let calls: string[] = [];

/** Starts an app with these providers and delivers one bounce. @returns the status, the calls, the outcomes and the warnings */
async function bounce(providers: Provider[], imports: object[] = []) {
  calls = [];
  const warn = vi.spyOn(Logger.prototype, "warn").mockReturnValue();
  const outcomes: string[] = [];
  const module = AhaSendWebhooksModule.forRoot({ secret, onOutcome: ({ kind }) => outcomes.push(kind) });
  const app = await createApp(() => new ExpressAdapter(), [module, ...(imports as [])], providers);
  await app.init();
  const delivery = signDelivery({ secret, event: createEvent("message.bounced") });
  const { status } = await app.get(AhaSendWebhooksService).receive(delivery);
  return { status, calls, outcomes, warnings: warn.mock.calls.map(([line]) => String(line)) };
}

const expectedResult = (...ran: string[]) => ({
  status: 204,
  calls: ran,
  outcomes: ["handled"],
  warnings: [],
});

class Plain {
  @OnAhaSendEvent("message.bounced")
  take() {
    calls.push("plain");
  }
}

describe("@OnAhaSendEvent", () => {
  it("subscribes to Observables that methods return, and waits for them", async () => {
    class Cold {
      @OnAhaSendEvent("message.bounced")
      one() {
        return defer(async () => void calls.push("one"));
      }
      @OnAhaSendEvent("*")
      all() {
        return throwError(() => new Error("not subscribed for this event"));
      }
    }
    class Second {
      @OnAhaSendEvent("message.bounced")
      two() {
        return defer(async () => void calls.push("two"));
      }
    }
    expect(await bounce([Cold])).toEqual(expectedResult("one"));
    expect(await bounce([Cold, Second])).toEqual(expectedResult("one", "two"));
  });

  it("calls a method that another decorator above or below has replaced", async () => {
    class Above {
      @Timed
      @OnAhaSendEvent("message.bounced")
      take() {
        calls.push("above");
      }
    }
    class Below {
      @OnAhaSendEvent("message.bounced")
      @Timed
      take() {
        calls.push("below");
      }
    }
    expect(await bounce([Above])).toEqual(expectedResult("timed", "above"));
    expect(await bounce([Below])).toEqual(expectedResult("timed", "below"));
  });

  it("subscribes a method to both types when it is used twice", async () => {
    class Twice {
      @OnAhaSendEvent("message.opened")
      @OnAhaSendEvent("message.bounced")
      take() {
        calls.push("twice");
      }
    }
    expect(await bounce([Twice])).toEqual(expectedResult("twice"));
  });

  it("calls a method once even if its event type is repeated", async () => {
    class Twice {
      @OnAhaSendEvent("message.bounced")
      @OnAhaSendEvent("message.bounced", "message.bounced")
      take() {
        calls.push("once");
      }
    }
    expect(await bounce([Twice])).toEqual(expectedResult("once"));
  });

  it("calls a method whose name is a symbol", async () => {
    const take = Symbol("take");
    class Hidden {
      @OnAhaSendEvent("message.bounced")
      [take]() {
        calls.push("symbol");
      }
    }
    expect(await bounce([Hidden])).toEqual(expectedResult("symbol"));
  });

  it("calls inherited methods, also of an abstract class", async () => {
    abstract class Base {
      @OnAhaSendEvent("message.bounced")
      take() {
        calls.push(this.name());
      }
      abstract name(): string;
    }
    class Child extends Base {
      name = () => "child";
    }
    expect(await bounce([Child])).toEqual(expectedResult("child"));
  });

  it("calls a subclass's override instead of the parent's method", async () => {
    class Override extends Plain {
      override take() {
        calls.push("override");
      }
    }
    class Redecorated extends Plain {
      @OnAhaSendEvent("message.opened")
      override take() {
        calls.push("for another type");
      }
    }
    expect(await bounce([Override])).toEqual(expectedResult("override"));
    expect(await bounce([Redecorated])).toMatchObject({ calls: [], outcomes: ["ignored"] });
  });

  it("calls methods that a class decorator has wrapped in a subclass", async () => {
    const wrapClass = (base: typeof Plain) =>
      class extends base {
        override take() {
          calls.push("wrapper");
          super.take();
        }
      };
    expect(await bounce([wrapClass(Plain)])).toEqual(expectedResult("wrapper", "plain"));
  });

  it("calls methods through a proxy, and methods replaced on the instance", async () => {
    const proxy = new Proxy(new Plain(), {});
    expect(await bounce([{ provide: Plain, useValue: proxy }])).toEqual(expectedResult("plain"));
    const patched = Object.assign(new Plain(), { take: () => void calls.push("patched") });
    expect(await bounce([{ provide: Plain, useValue: patched }])).toEqual(expectedResult("patched"));
  });

  it("replies 500 when the method has been removed from the instance", async () => {
    const broken = Object.assign(new Plain(), { take: undefined });
    expect(await bounce([{ provide: Plain, useValue: broken }])).toMatchObject({ status: 500 });
  });

  it("throws for a static method", () => {
    const decorate = () => {
      class Static {
        @OnAhaSendEvent("message.bounced")
        static take() {}

        other() {}
      }
      return Static;
    };
    expect(decorate).toThrow(
      new TypeError("@OnAhaSendEvent cannot decorate take: it is static. Use an instance method."),
    );
  });
});

describe("the arguments of the decorator", () => {
  const usage = /takes event types, and options after them: @OnAhaSendEvent\("message.bounced"/;
  it.each([
    ["no types", [], usage],
    ["options only", [{ name: "inbound" }], usage],
    ["a list", [["message.bounced"]], usage],
    ["options first", [{ name: "inbound" }, "message.bounced"], usage],
    [
      "a misspelt option",
      ["message.bounced", { nmae: "inbound" }],
      /nmae is not an option: did you mean name\?/,
    ],
    ["a name that is not a string", ["message.bounced", { name: 1 }], /is that of an endpoint, a string/],
  ])("are refused if they are %s", (_what, args, message) => {
    const decorate = () => (OnAhaSendEvent as (...args: unknown[]) => unknown)(...args);
    expect(decorate).toThrow(TypeError);
    expect(decorate).toThrow(message);
  });

  it("are refused with the cure where decorators are those of the standard", () => {
    const decorate = OnAhaSendEvent("message.bounced") as unknown as (
      method: unknown,
      context: object,
    ) => void;
    expect(() => decorate(() => undefined, { kind: "method", name: "take" })).toThrow(
      /set experimentalDecorators to true in tsconfig.json/,
    );
  });

  it("warn if the app has no endpoint with their name, once", async () => {
    class Misspelt {
      @OnAhaSendEvent("message.bounced", { name: "inbund" })
      take() {}
    }
    const { warnings } = await bounce([Misspelt, Plain]);
    expect(warnings).toEqual([
      'Misspelt.take is for the endpoint "inbund", but the endpoints of this app are "default": correct its name, unless another process has that endpoint.',
    ]);
  });
});

describe("a handler with several registrations", () => {
  it("runs once when several tokens resolve to one instance", async () => {
    const alias = { provide: "factory", useFactory: (plain: Plain) => plain, inject: [Plain] };
    const existing = { provide: "existing", useExisting: Plain };
    expect(await bounce([Plain, alias, existing])).toEqual(expectedResult("plain"));
  });

  it("runs for each of two instances with separate tokens", async () => {
    const second = { provide: "second", useClass: Plain };
    expect(await bounce([Plain, second])).toEqual(expectedResult("plain", "plain"));
  });

  it("runs once when two modules list its class, and the log says how to fix it", async () => {
    @Module({ providers: [Plain] })
    class Feature {}
    const result = await bounce([Plain], [Feature]);
    expect(result).toMatchObject({ status: 204, calls: ["plain"] });
    expect(result.warnings).toEqual([
      "Plain is a provider of several modules, and only its first instance handles events. List it in one module, export it, and import that module.",
    ]);
  });

  it("logs a warning when its provider is request-scoped, also with another decorator", async () => {
    @Injectable({ scope: Scope.REQUEST })
    class PerRequest {
      @Timed
      @OnAhaSendEvent("message.bounced")
      take() {}
    }
    const { warnings } = await bounce([PerRequest, Plain]);
    expect(warnings).toEqual(["PerRequest.take will not be called: give its provider the default scope."]);
  });
});
