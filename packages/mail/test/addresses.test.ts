import { describe, expect, it } from "vitest";

import { parseAddress, parseAddresses } from "../src/index.js";

describe("parseAddresses", () => {
  it.each([
    ["Ada Lovelace <ada@customer.example>", [["Ada Lovelace", "ada@customer.example"]]],
    ["ada@x.example", [["", "ada@x.example"]]],
    [
      '"Lovelace, Ada" <ada@x.example>, bob@x.example',
      [
        ["Lovelace, Ada", "ada@x.example"],
        ["", "bob@x.example"],
      ],
    ],
    [
      "Team: a@x.example, B <b@x.example>;, c@x.example",
      [
        ["", "a@x.example"],
        ["B", "b@x.example"],
        ["", "c@x.example"],
      ],
    ],
    ["ada@x.example (Ada)", [["Ada", "ada@x.example"]]],
    [
      "a@x.example; b@x.example",
      [
        ["", "a@x.example"],
        ["", "b@x.example"],
      ],
    ],
    ["Ada <ada@x.example", [["Ada", "ada@x.example"]]],
    ["=?iso-8859-1?Q?=C4da=2C_L?= <ada@x.example>", [["Äda, L", "ada@x.example"]]],
    ["=?utf-8?B?w4RkYQ==?= <ada@x.example>", [["Äda", "ada@x.example"]]],
    ["=?koi8-r?B?4cTB?= <ada@x.example>", [["Ада", "ada@x.example"]]],
    ["Ада <ада@пример.рф>", [["Ада", "ада@пример.рф"]]],
    ["👩‍💻 Dev <dev+tag@sub.x.example>", [["👩‍💻 Dev", "dev+tag@sub.x.example"]]],
    ["\u202eעדה <rtl@x.example>", [["\u202eעדה", "rtl@x.example"]]],
    ["a\u0000b <n@x.example>", [["ab", "n@x.example"]]],
    ["=?utf-8?B?YQAKDWI=?= <n@x.example>", [["a b", "n@x.example"]]],
    ["=?iso-2022-jp?B?GyRCRnxLXBsoQg==?= <n@x.example>", [["日本", "n@x.example"]]],
    ["=?gb2312?B?1tDOxA==?= =?x-none?Q?=A4?= <n@x.example>", [["中文¤", "n@x.example"]]],
    ["user@[127.0.0.1]", [["", "user@[127.0.0.1]"]]],
    ['xyz <"me @ home"@x.example>', [["xyz", '"me @ home"@x.example']]],
  ])("reads %j", (header, expected) => {
    expect(parseAddresses(header).map(({ name, address }) => [name, address])).toEqual(expected);
  });

  it.each([
    ["an address in the name", '"ceo@bank.example" <me@x.example>', "me@x.example"],
    ["an address in an encoded name", "=?utf-8?Q?ceo=40bank.example?= <me@x.example>", "me@x.example"],
    ["an address behind a comma", '"ceo@bank.example, " <me@x.example>', "me@x.example"],
  ])("is not deceived by %s", (_what, header, address) => {
    expect(parseAddress(header)?.address).toBe(address);
  });

  it.each([
    "",
    "  ",
    "<>",
    "Ada <>",
    "MAILER-DAEMON",
    "undisclosed-recipients:;",
    "@x.example",
    "a@",
    "a@@x.example",
  ])("finds no mailbox in %j", (header) => {
    expect(parseAddresses(header)).toEqual([]);
    expect(parseAddress(header)).toBeUndefined();
  });

  it("leaves out an address that can be read in two ways", () => {
    expect(parseAddresses('"very@odd"@x.example, "a b"@x.example, ok@x.example')).toEqual([
      { name: "", address: "ok@x.example" },
    ]);
  });

  it("finds no mailbox where an older delivery has no header, or one of another type", () => {
    expect(parseAddresses(undefined)).toEqual([]);
    expect(parseAddresses(7 as never)).toEqual([]);
  });

  it("reads a header of any length up to its limit, without a mailbox that is cut", () => {
    const mailboxes = parseAddresses("Ada <ada@customer.example>, ".repeat(100_000));
    expect(mailboxes.length).toBeGreaterThan(2000);
    expect(new Set(mailboxes.map(({ address }) => address))).toEqual(new Set(["ada@customer.example"]));
    expect(parseAddresses(`${"a".repeat(70_000)}@x.example`)).toEqual([]);
  });
});
