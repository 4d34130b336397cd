import { findClosest, sign } from "@ahasend-webhooks/core";
import { InvalidArgumentError, Option } from "commander";

import { UsageError, asUsage } from "../exit.js";

/** The environment variable that replaces `--secret`. */
export const SECRET_VARIABLE = "AHASEND_WEBHOOK_SECRET";

/** Creates the option `--secret`. It is not validated here, because Commander's message would show it. */
export function secretOption(): Option {
  return new Option("--secret <secret>", "signing secret of the endpoint, as the dashboard shows it").env(
    SECRET_VARIABLE,
  );
}

/** @throws {UsageError} when the secret is missing or unusable */
export function requireSecret(secret: string | undefined): string {
  if (secret === undefined) throw createNoSecretError();
  asUsage(() => sign({ secret, id: "", timestamp: 0, body: "" }));
  return secret;
}

/** Creates the error for a missing secret. */
export function createNoSecretError(): UsageError {
  return new UsageError(`A secret is required: use --secret, or set ${SECRET_VARIABLE}.`);
}

/** Creates the repeatable option `--secret`: a list of secrets, not validated here. */
export function secretsOption(): Option {
  return new Option("--secret <secret>", "signing secret of the endpoint (repeatable)")
    .env(SECRET_VARIABLE)
    .argParser(repeatable((text) => text));
}

/** Creates the mandatory option `--to`. */
export function toOption(): Option {
  return new Option("--to <url>", "URL of the receiver, such as http://localhost:3000/webhooks/ahasend")
    .argParser(parseUrl)
    .makeOptionMandatory();
}

/** Creates the option `--allow-remote`: without it, no request leaves this machine. */
export function allowRemoteOption(): Option {
  return new Option("--allow-remote", "allow requests to other machines");
}

/** Creates the option `--insecure`, for HTTPS on this machine. */
export function insecureOption(): Option {
  return new Option(
    "--insecure",
    "accept self-signed and other invalid certificates on this machine",
  ).conflicts("allowRemote");
}

/** Creates the option `--speed`: a number above 0, or Infinity. */
export function speedOption(): Option {
  return new Option(
    "--speed <number>",
    "divide the pauses between attempts by this; Infinity skips them (default: 1)",
  ).argParser(parsePositiveNumber("such as 1000", 0.001));
}

/** Creates the option `--page`: the page of `dev` that shows what a command does. */
export function pageOption(): Option {
  return new Option(
    "--page <url>",
    "show everything on the page of a running dev as well, such as http://localhost:4500",
  ).argParser((text) => toUrl(text, "http://localhost:4500"));
}

/** Creates the option `--json`. */
export function jsonOption(): Option {
  return new Option("--json", "print JSON, one value per line");
}

/** Creates the parser of a repeatable option. */
export function repeatable<Value>(
  parse: (text: string) => Value,
): (text: string, list: readonly Value[] | undefined) => readonly Value[] {
  return (text, list) => [...(list ?? []), parse(text)];
}

/** Returns the cure for a value that is not one of those that are known. */
export function suggest(value: string, known: readonly string[]): string {
  const meant = findClosest(value, known);
  return meant === undefined ? `It must be one of ${known.join(", ")}.` : `Did you mean ${meant}?`;
}

/** Creates a parser of one of several words. */
export function parseChoice<Choice extends string>(choices: readonly Choice[]): (text: string) => Choice {
  return (text) => {
    const choice = choices.find((each) => each === text);
    if (choice !== undefined) return choice;
    throw new InvalidArgumentError(suggest(text, choices));
  };
}

/** Parses the http or https URL of an endpoint. @throws {InvalidArgumentError} */
export function parseUrl(text: string): string {
  return toUrl(text, "http://localhost:3000/webhooks/ahasend");
}

/** @throws {InvalidArgumentError} with the example */
function toUrl(text: string, example: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "http:" || url?.protocol === "https:") return url.href;
  throw new InvalidArgumentError(`It must be an http or https URL, such as ${example}.`);
}

/** Creates a parser of whole numbers. */
export function parseWholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const number = /^[0-9]{1,16}$/.test(text) ? Number(text) : NaN;
    if (number >= least && number <= most) return number;
    const range = most === Number.MAX_SAFE_INTEGER ? `of ${least} or more` : `from ${least} to ${most}`;
    throw new InvalidArgumentError(`It must be a whole number ${range}.`);
  };
}

/** Creates a parser of numbers above 0, or of at least a number; accepts `Infinity`. */
export function parsePositiveNumber(example: string, least = Number.MIN_VALUE): (text: string) => number {
  return (text) => {
    const number = /^([0-9]+(\.[0-9]+)?|Infinity)$/.test(text) ? Number(text) : NaN;
    if (number >= least) return number;
    const range = least === Number.MIN_VALUE ? "above 0" : `of ${least} or more`;
    throw new InvalidArgumentError(`It must be a number ${range}, ${example}.`);
  };
}
