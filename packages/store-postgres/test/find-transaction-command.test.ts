import { describe, expect, it } from "vitest";

import { findTransactionCommand } from "../src/database/find-transaction-command.js";

describe("findTransactionCommand", () => {
  it.each([
    ["BEGIN", "BEGIN"],
    ["begin isolation level serializable", "BEGIN"],
    ["start\n transaction read only", "START TRANSACTION"],
    ["COMMIT;", "COMMIT"],
    ["\n\t commit and chain", "COMMIT"],
    ["END", "END"],
    ["abort", "ABORT"],
    ["Rollback", "ROLLBACK"],
    ["ROLLBACK WORK", "ROLLBACK"],
    ["ROLLBACK AND CHAIN", "ROLLBACK"],
    ["ROLLBACK PREPARED 'a'", "ROLLBACK"],
    ["PREPARE TRANSACTION 'a'", "PREPARE TRANSACTION"],
    ["-- a note\nCOMMIT", "COMMIT"],
    ["/* a /* nested */ note; */COMMIT", "COMMIT"],
    [";;COMMIT", "COMMIT"],
    ["SELECT 1; COMMIT; BEGIN", "COMMIT"],
    ["SELECT ';' /* ; */; COMMIT", "COMMIT"],
    [String.raw`SELECT E'it\'s; '; COMMIT`, "COMMIT"],
    ["SELECT 'it''s'; COMMIT", "COMMIT"],
    ["SELECT $$;$$, $a$ ; $$ $a$; COMMIT", "COMMIT"],
    ["SELECT date'2026-01-01', 'x\\'; COMMIT", "COMMIT"],
    ["RELEASE SAVEPOINT a; COMMIT", "COMMIT"],
    ["SELECT 1 AS a$$; COMMIT; SELECT 2 AS b$$", "COMMIT"],
    ["CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END; COMMIT", "COMMIT"],
    ["CREATE FUNCTION f() RETURNS void BEGIN ATOMIC END; COMMIT", "COMMIT"],
    ["SELECT begin atomic FROM a; COMMIT", "COMMIT"],
    [String.raw`SELECT E'a''\'; '; COMMIT`, "COMMIT"],
    ["SELECT E'a'\n'\\'' ; COMMIT; SELECT ''", "COMMIT"],
  ])("finds the transaction command in %j", (sql, command) =>
    expect(findTransactionCommand(sql)).toBe(command),
  );

  it.each([
    "",
    "SELECT 1",
    "SAVEPOINT a",
    "RELEASE SAVEPOINT a",
    "ROLLBACK TO a",
    "rollback to savepoint a",
    "ROLLBACK TRANSACTION TO SAVEPOINT a",
    "rollback work to a",
    "PREPARE plan AS SELECT 1",
    "SELECT CASE WHEN true THEN 1 END",
    "INSERT INTO ends VALUES ('; COMMIT')",
    'SELECT "a; COMMIT" FROM b',
    "SELECT 1 -- ; COMMIT",
    "SELECT 1 /* ; COMMIT",
    "SELECT $$; COMMIT$$, $a$; ROLLBACK$a$",
    "DO $$ BEGIN PERFORM 1; END $$",
    "SELECT commit FROM commits; SELECT begin_at FROM events",
    "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END",
  ])("finds no transaction command in %j", (sql) => expect(findTransactionCommand(sql)).toBeUndefined());

  const large = "begin ".repeat(2_000_000);
  it.each([
    ["a string", `INSERT INTO mails VALUES ('${large}')`],
    ["a string with escapes", `INSERT INTO mails VALUES (E'${large}')`],
    ["a quoted name", `SELECT "${large}"`],
    ["a dollar quote", `INSERT INTO mails VALUES ($$${large}$$)`],
    ["a comment", `SELECT 1 /* ${large} */`],
    ["quotes", `INSERT INTO mails VALUES ('begin ${"''".repeat(2_000_000)}')`],
    ["dollar signs", `SELECT begin, ${Array.from({ length: 100_000 }, (_, i) => `$a${i}$ `).join("")}`],
  ])("scans 12 MB of %s in linear time: anything else would exceed the test's time limit", (_what, sql) => {
    expect(findTransactionCommand(sql)).toBeUndefined();
  });
});
