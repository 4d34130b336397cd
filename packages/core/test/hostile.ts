import { runInNewContext } from "node:vm";
import { inspect } from "node:util";

export function fail(): never {
  throw new Error("hostile");
}

/** Joined, because the linter forbids thenables, which are what is tested here. */
const THEN = ["th", "en"].join("");

/** An object that `await` takes for a promise. */
export function thenable(then: unknown): object {
  return Object.defineProperty({}, THEN, { value: then });
}

/** The same, but reading its `then` throws. */
export function unreadableThenable(): object {
  return Object.defineProperty({}, THEN, { get: fail });
}

/** A proxy that throws whatever it is asked. */
export function throwingProxy(target: object = {}): object {
  const handler = Object.fromEntries(
    Object.getOwnPropertyNames(Reflect).map((trap) => [trap, fail]),
  ) as ProxyHandler<object>;
  return new Proxy(target, handler);
}

export function revokedProxy(target: object = {}): object {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

const throwingGetters = () => {
  const error = new Error("getters");
  for (const name of ["stack", "name", "message", "code", "cause", "errors", "constructor", "then"]) {
    Object.defineProperty(error, name, { get: fail });
  }
  return error;
};

const circular = () => {
  const error = new Error("circular");
  error.cause = new Error("inner", { cause: error });
  return error;
};

const endless = (): Error =>
  Object.defineProperty(new Error("endless"), "cause", { get: endless, enumerable: true });

const brand = Symbol.for("@ahasend-webhooks/core/WebhookError");

/** Values that code which meets a thrown value must survive, made again for each use. */
export const hostileValues: [name: string, make: () => unknown][] = [
  ["undefined", () => undefined],
  ["null", () => null],
  ["a string", () => "plain"],
  ["an empty string", () => ""],
  ["a symbol", () => Symbol("odd")],
  ["a bigint", () => 10n],
  ["NaN", () => Number.NaN],
  ["a function", () => fail],
  ["an object without a prototype", () => Object.create(null) as object],
  ["an object without a prototype that has a message", () => ({ __proto__: null, message: "bare" })],
  ["an error without a prototype", () => Object.setPrototypeOf(new Error("bare"), null) as object],
  ["an error whose getters throw", throwingGetters],
  [
    "an object whose conversions throw",
    () => ({
      toString: fail,
      valueOf: fail,
      toJSON: fail,
      [Symbol.toPrimitive]: fail,
      [inspect.custom]: fail,
    }),
  ],
  ["an error whose message is an object", () => Object.assign(new Error(), { message: throwingProxy() })],
  ["a proxy that throws", () => throwingProxy()],
  ["a proxy of an error that throws", () => throwingProxy(new Error("hidden"))],
  ["a proxy of a function that throws", () => throwingProxy(fail)],
  ["a revoked proxy", () => revokedProxy()],
  ["a revoked proxy of an error", () => revokedProxy(new Error("gone"))],
  ["a proxy that has everything", () => new Proxy({}, { has: () => true, get: () => true })],
  ["an object with the brand alone", () => ({ [brand]: true })],
  ["an object with the brand and a code of nobody's", () => ({ [brand]: true, code: "constructor" })],
  ["an error with a circular cause", circular],
  ["an error with an endless chain of causes", endless],
  [
    "an AggregateError of itself",
    () => {
      const error = new AggregateError([], "all");
      error.errors.push(error, error);
      return error;
    },
  ],
  ["an AggregateError of proxies", () => new AggregateError([throwingProxy(), revokedProxy()], "all")],
  [
    "an error whose errors are a revoked proxy",
    () => Object.assign(new Error("x"), { errors: revokedProxy([]) }),
  ],
  ["an error with a sparse list of errors", () => Object.assign(new Error("x"), { errors: Array(1e9) })],
  ["an error with a huge message", () => new Error("x".repeat(20_000_000))],
  ["an error with a million lines", () => new Error("x\n".repeat(1_000_000))],
  [
    "an error of another realm",
    () => runInNewContext("new TypeError('foreign', { cause: new Error('inner') })"),
  ],
  ["a thenable that throws", () => thenable(fail)],
];
