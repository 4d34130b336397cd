import { sign } from "@ahasend-webhooks/core";
import { InvalidArgumentError, Option } from "commander";

import { UsageError } from "./exit.js";

/** The variable that a secret is taken from when there is no `--secret`. */
const SECRET_VARIABLE = "AHASEND_WEBHOOK_SECRET";

/** `--secret`, or the variable: a text. */
export function secretOption(): Option {
  return new Option("--secret <secret>", "the secret of the webhook or route, as the dashboard shows it")
    .env(SECRET_VARIABLE)
    .argParser(parseSecret);
}

/** @throws {UsageError} when there is no secret */
export function requiredSecret<Secret>(secret: Secret | undefined): Secret {
  if (secret !== undefined) return secret;
  throw new UsageError(`There is no secret: give --secret, or set ${SECRET_VARIABLE}.`);
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

/** `--speed`: a number above 0, or Infinity. */
export function speedOption(): Option {
  return new Option(
    "--speed <number>",
    "divides the pauses between attempts; Infinity leaves them out",
  ).argParser(parseSpeed);
}

/** `--json`: for programs. */
export function jsonOption(): Option {
  return new Option("--json", "print JSON, one value a line");
}

/** An argument parser for URLs of http and https. @throws {InvalidArgumentError} */
export function parseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "http:" || url?.protocol === "https:") return url.href;
  throw new InvalidArgumentError("Write it as http://localhost:3000/webhooks/ahasend.");
}

/** An argument parser for secrets. @throws {InvalidArgumentError} */
export function parseSecret(text: string): string {
  try {
    sign({ secret: text, id: "", timestamp: 0, body: "" });
  } catch (error) {
    throw new InvalidArgumentError(`The ${(error as Error).message}`);
  }
  return text;
}

/** Makes an argument parser for whole numbers. */
export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const number = /^[0-9]{1,16}$/.test(text) ? Number(text) : NaN;
    if (number >= least && number <= most) return number;
    const range = most === Number.MAX_SAFE_INTEGER ? `from ${least} on` : `from ${least} to ${most}`;
    throw new InvalidArgumentError(`Give a whole number ${range}.`);
  };
}

function parseSpeed(text: string): number {
  const speed = /^([0-9]+(\.[0-9]+)?|Infinity)$/.test(text) ? Number(text) : NaN;
  if (speed > 0) return speed;
  throw new InvalidArgumentError("Give a number above 0, such as 1000: it makes 16 minutes one second.");
}
