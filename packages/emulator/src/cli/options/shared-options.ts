import { sign } from "@ahasend-webhooks/core";
import { InvalidArgumentError, Option } from "commander";

import { UsageError, asUsage } from "../exit.js";

/** The variable that a secret is taken from when there is no `--secret`. */
const SECRET_VARIABLE = "AHASEND_WEBHOOK_SECRET";

/** `--secret`, or the variable: a text that is not checked, because Commander's message would show it. */
export function secretOption(): Option {
  return new Option("--secret <secret>", "the secret of the webhook or route, as the dashboard shows it").env(
    SECRET_VARIABLE,
  );
}

/** @throws {UsageError} when there is no secret, or an unusable one */
export function requireSecret(secret: string | undefined): string {
  if (secret === undefined) throw createNoSecretError();
  asUsage(() => sign({ secret, id: "", timestamp: 0, body: "" }));
  return secret;
}

/** The refusal to go on without a secret. */
export function createNoSecretError(): UsageError {
  return new UsageError(`There is no secret: give --secret, or set ${SECRET_VARIABLE}.`);
}

/** `--secret`, as often as needed, or the variable: a list of texts that are not checked. */
export function secretsOption(): Option {
  return new Option("--secret <secret>", "the secret of the webhook or route; several, one after the other")
    .env(SECRET_VARIABLE)
    .argParser(repeatable((text) => text));
}

/** `--to`, which must be given: where to deliver. */
export function toOption(): Option {
  return new Option("--to <url>", "where to deliver, such as http://localhost:3000/webhooks/ahasend")
    .argParser(parseUrl)
    .makeOptionMandatory();
}

/** `--allow-remote`: without it nothing leaves this machine. */
export function allowRemoteOption(): Option {
  return new Option("--allow-remote", "also deliver to other machines");
}

/** `--insecure`: for HTTPS on this machine. */
export function insecureOption(): Option {
  return new Option(
    "--insecure",
    "accept any certificate of this machine, such as a self-signed one",
  ).conflicts("allowRemote");
}

/** `--speed`: a number above 0, or Infinity. */
export function speedOption(): Option {
  return new Option(
    "--speed <number>",
    "divides the pauses between attempts; Infinity leaves them out",
  ).argParser(parsePositiveNumber("such as 1000: it makes 16 minutes one second", 0.001));
}

/** `--json`: for programs. */
export function jsonOption(): Option {
  return new Option("--json", "print JSON, one value a line");
}

/** Makes an argument parser for an option that may be given as often as needed. */
export function repeatable<Value>(
  parse: (text: string) => Value,
): (text: string, list: readonly Value[] | undefined) => readonly Value[] {
  return (text, list) => [...(list ?? []), parse(text)];
}

/** An argument parser for URLs of http and https. @throws {InvalidArgumentError} */
export function parseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "http:" || url?.protocol === "https:") return url.href;
  throw new InvalidArgumentError("Write it as http://localhost:3000/webhooks/ahasend.");
}

/** Makes an argument parser for whole numbers. */
export function parseWholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const number = /^[0-9]{1,16}$/.test(text) ? Number(text) : NaN;
    if (number >= least && number <= most) return number;
    const range = most === Number.MAX_SAFE_INTEGER ? `from ${least} on` : `from ${least} to ${most}`;
    throw new InvalidArgumentError(`Give a whole number ${range}.`);
  };
}

/** Makes an argument parser for numbers above 0, or from the least one on; `Infinity` is one. */
export function parsePositiveNumber(example: string, least = Number.MIN_VALUE): (text: string) => number {
  return (text) => {
    const number = /^([0-9]+(\.[0-9]+)?|Infinity)$/.test(text) ? Number(text) : NaN;
    if (number >= least) return number;
    const range = least === Number.MIN_VALUE ? "above 0" : `of ${least} or more`;
    throw new InvalidArgumentError(`It must be a number ${range}, ${example}.`);
  };
}
