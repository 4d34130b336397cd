import fc from "fast-check";
import { expect, it } from "vitest";

import { KeyedDigest } from "../../src/stores/keyed-digest.js";

const key = [0x833d3433, 0x009f389f, 0x2398e64f, 0x417acf39].map((word) => word | 0);

/** Returns a digest as the reference implementation prints it. */
function print(digest: KeyedDigest, text: string): string {
  const { a, b, c, d } = digest.compute(text);
  return [a, b, c, d].map((word) => (word >>> 0).toString(16).padStart(8, "0")).join(" ");
}

// The vectors of the reference implementation for 12 rounds: messages of the bytes 0, 1, 2, …
it.each([
  [0, "43cb1f41 51eba0c2 ff0a8ac3 7ee3f642"],
  [1, "f9ac2067 9c35a846 441aad3d 777b7330"],
  [4, "0b2b62db 1e9e3f50 a1b8dcad b4279ae0"],
  [15, "03cfb44b 283c8163 fca71448 c40a0aea"],
  [16, "5dd0e2a9 fb5eac8c 633a392e 500c36f3"],
  [17, "8b5f6d5a 202314f6 22092368 9639e606"],
  [32, "77962784 07c647fa dd752c0f d2f5a799"],
  [63, "2dd072e1 42b89efe fb26b615 049aa451"],
])("computes Chaskey-12 of %i bytes", (length, expected) => {
  const message = String.fromCharCode(...Array.from({ length }, (_, byte) => byte));
  expect(print(new KeyedDigest(key), message)).toBe(expected);
});

it("has different digests for different strings, such as those that differ in high bytes or lone surrogates", () => {
  const digest = new KeyedDigest(key);
  const text = fc.string({ unit: fc.constantFrom("\0", "\u0001", "a", "ÿ", "ā", "愀", "\ud800", "\udfff") });
  fc.assert(
    fc.property(
      text,
      text,
      (one, other) => (print(digest, one) === print(digest, other)) === (one === other),
    ),
  );
});

it("uses a key of its own each time", () => {
  const seen = Array.from({ length: 20 }, () => print(new KeyedDigest(), "default:msg_1"));
  expect(new Set(seen).size).toBe(20);
});
