import { describe, expect, it } from "vitest";

import { inboundKey, isAutomated, readThread, replyText } from "../src/index.js";
import { createMail } from "./helpers.js";

describe("readThread", () => {
  const read = (message_id: unknown, references: unknown, in_reply_to: unknown) =>
    readThread(createMail({ message_id, references, in_reply_to }));

  it("returns the ancestors, the oldest first, each once", () => {
    expect(read("<d@x>", "<a@x>\r\n\t<b@x> <a@x>", "<c@x>")).toEqual({
      id: "<d@x>",
      parentId: "<c@x>",
      rootId: "<a@x>",
      ancestorIds: ["<a@x>", "<b@x>", "<c@x>"],
    });
  });

  it("begins a thread with a mail that answers nothing", () => {
    for (const nothing of ["", " ", undefined, null, 7, "your mail of Monday"])
      expect(read("<a@x>", nothing, nothing)).toEqual({ id: "<a@x>", rootId: "<a@x>", ancestorIds: [] });
  });

  it("does without brackets, comments and separators of old mail programs", () => {
    expect(read("a@x", "b@x,c@x", "Message from Ada (of Monday) <c@x>")).toEqual({
      id: "<a@x>",
      parentId: "<c@x>",
      rootId: "<b@x>",
      ancestorIds: ["<b@x>", "<c@x>"],
    });
  });

  it("takes the last of references for the parent if in_reply_to has several", () => {
    expect(read("<d@x>", "<a@x> <b@x>", "<b@x> <a@x>").parentId).toBe("<b@x>");
    expect(read("<d@x>", "<a@x> <b@x>", "").parentId).toBe("<b@x>");
  });

  it("never makes a mail its own ancestor", () => {
    expect(read("<a@x>", "<a@x>", "<a@x>")).toEqual({ id: "<a@x>", rootId: "<a@x>", ancestorIds: [] });
    expect(read(undefined, "", "")).toEqual({ id: "", rootId: "", ancestorIds: [] });
  });
});

describe("isAutomated", () => {
  it.each([
    [{ bounce: true }],
    [{ auto_submitted: "auto-replied" }],
    [{ auto_submitted: 'Auto-Generated; owner-email="a@x"' }],
    [{ headers: { "Auto-Submitted": "auto-replied" } }],
    [{ headers: { Precedence: "Bulk" } }],
    [{ headers: { "List-Id": "News <news.x.example>" } }],
    [{ headers: { "List-Unsubscribe": "<https://x.example/>" } }],
    [{ headers: { "Return-Path": "<>" } }],
    [{ headers: { "X-Autoreply": "yes" } }],
    [{ headers: { Precedence: "auto-reply" } }],
    [{ headers: { "X-Auto-Response-Suppress": "OOF, AutoReply" } }],
    [{ headers: { "Content-Type": "multipart/report; report-type=disposition-notification" } }],
    [{ headers: { "X-Failed-Recipients": "gone@x.example" } }],
    [{ from: "Mail Delivery Subsystem <MAILER-DAEMON@x.example>" }],
  ])("is true for %o", (data) => {
    expect(isAutomated(createMail(data))).toBe(true);
  });

  it.each([
    [{}],
    [{ auto_submitted: "no" }],
    [{ auto_submitted: " No ; because" }],
    [{ auto_submitted: "(a person) no" }],
    [{ headers: { "X-Auto-Response-Suppress": "None", "Content-Type": "multipart/reporting" } }],
    [{ from: "mailer-daemon fan <ada@x.example>" }],
    [{ auto_submitted: undefined, bounce: undefined, headers: undefined }],
    [{ headers: null }],
    [{ headers: { Precedence: "first-class", "Return-Path": "<ada@x.example>", "List-Id": 7 } }],
    [{ headers: Object.create({ "List-Id": "inherited" }) as object }],
    [{ bounce: "true" }],
  ])("is false for %o", (data) => {
    expect(isAutomated(createMail(data))).toBe(false);
  });
});

describe("replyText", () => {
  const read = (reply_from_plain_body: unknown, plain_body: unknown = "", html_body: unknown = "") =>
    replyText(createMail({ reply_from_plain_body, plain_body, html_body }));

  it("prefers the reply, then the plain body, then the HTML", () => {
    expect(read("Yes\rAda\r\n", "")).toBe("Yes\nAda");
    expect(read(" Yes\r\n\r\nAda ", "Yes\n> No", "<p>HTML</p>")).toBe("Yes\n\nAda");
    expect(read(" \n", "> only a quotation", "<p>HTML</p>")).toBe("> only a quotation");
    expect(read("", "", "<p>HTML</p>")).toBe("HTML");
    expect(read(undefined, 7, null)).toBe("");
  });

  it.each([
    ["<p>Thank&nbsp;you &amp; best</p><p>Ada<br>Lovelace</p>", "Thank you & best\n\nAda\nLovelace"],
    ["<p>Yes</p><blockquote>No<blockquote>No</blockquote>No</blockquote><p>Ada</p>", "Yes\n\nAda"],
    ['<div>Yes</div><div class="gmail_quote">On Monday Bob wrote:<blockquote>No</blockquote></div>', "Yes"],
    ['Yes<div id="divRplyFwdMsg">From: Bob</div>No', "Yes"],
    ["<html><head><title>No</title></head><style>No</STYLE ><body>Yes<script>No</script>", "Yes"],
    ["<!-- No > --><![endif]--> Yes <!-- No", "Yes"],
    [
      "1 < 2 and 3 > 2 &lt;b&gt; &#x1F600;&#128512; &bogus; &#99999999; &#x110000;",
      "1 < 2 and 3 > 2 <b> 😀😀 &bogus; &#99999999; &#x110000;",
    ],
    ["<p title='1 > 0'>Yes</p><a href = \"a>b\">link</a>", "Yes\nlink"],
    ['Yes<p title="No>still read', "Yes\nstill read"],
    [
      "It&rsquo;s &eacute;t&eacute; &ndash; &Eacute;t&eacute; &hellip; &euro;&frac12;&yuml;",
      "It’s été – Été … €½ÿ",
    ],
    ["<table><tr><td>Yes</td><td>No</td></tr></table>", "Yes No"],
    ['Yes<div id="mail-editor-reference-message-container">No</div>', "Yes"],
    ["<style>No", ""],
    ["Yes<", "Yes<"],
    ["Yes<b", "Yes"],
    ["שלום <b>עולם</b> 👩‍💻", "שלום עולם 👩‍💻"],
  ])("reads %j", (html, expected) => {
    expect(read("", "", html)).toBe(expected);
  });
});

describe("inboundKey", () => {
  const message_id = "<mail-1@customer.example>";

  it("is the same in all deliveries of a mail, over routes and recipients", () => {
    const keys = ["support@acme.example", "sales@acme.example"].map((to) =>
      inboundKey({ ...createMail({ to, message_id, id: to }), route_id: to }),
    );
    expect(keys[0]).toMatch(/^[\da-f]{64}$/);
    expect(keys[1]).toBe(keys[0]);
  });

  it("differs for another mail, and for a stranger who repeats a message id", () => {
    const others = [
      createMail({ message_id }),
      createMail({ message_id: "<mail-2@customer.example>" }),
      createMail({ message_id, from: "Ada Lovelace <ada@elsewhere.example>" }),
    ];
    expect(new Set(others.map(inboundKey)).size).toBe(3);
  });

  it("is of one delivery only where a mail has no id", () => {
    const keys = ["1", "2"].flatMap((id) =>
      ["", undefined].map((none) => inboundKey(createMail({ message_id: none, id }))),
    );
    expect(keys[0]).toBe(keys[1]);
    expect(new Set(keys).size).toBe(2);
    expect(inboundKey(createMail({ message_id: "\u0000\ud800", from: undefined }))).toHaveLength(64);
  });
});
