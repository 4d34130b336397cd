import { path } from "../limits.js";
import type { Random } from "./random.js";

const targets = [
  "/",
  "//",
  `${path}/`,
  `/${path}`,
  `${path}/..`,
  `/x/..${path}`,
  path.toUpperCase(),
  `${path}?a=1&a=2&__proto__=3`,
  `${path}?%`,
  `${path}#fragment`,
  `${path};x=1`,
  `${path}%`,
  `${path}%00`,
  `/webhooks/ahasen%64`,
  `/webhooks%2fahasend`,
  "/%E0%A4%A",
  "/%c0%ae%c0%ae/",
  `http://localhost${path}`,
  `http://elsewhere.example:99999${path}`,
  "*",
  `/${"a".repeat(9000)}`,
  `${path}?${"q".repeat(9000)}`,
];

/** Returns a request target that a router may misread. */
export function pickOddTarget(random: Random): string {
  return random.pick(targets);
}
