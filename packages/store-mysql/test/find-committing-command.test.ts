import { describe, expect, it } from "vitest";

import { findCommittingCommand } from "../src/database/find-committing-command.js";

describe("findCommittingCommand", () => {
  it.each([
    ["BEGIN", "BEGIN"],
    ["begin work", "BEGIN"],
    ["START\n TRANSACTION READ ONLY", "START TRANSACTION"],
    ["COMMIT AND CHAIN", "COMMIT"],
    ["ROLLBACK", "ROLLBACK"],
    ["rollback work", "ROLLBACK"],
    ["XA START 'a'", "XA"],
    ["SET autocommit = 1", "SET"],
    ["SET @a = 1, @@session.autocommit=1", "SET"],
    ["SET PASSWORD = 'x'", "SET"],
    ["CREATE TABLE t (n int)", "CREATE"],
    ["create or replace view v as select 1", "CREATE"],
    ["DROP TABLE t", "DROP"],
    ["ALTER TABLE t ADD m int", "ALTER"],
    ["TRUNCATE t", "TRUNCATE"],
    ["RENAME TABLE a TO b", "RENAME"],
    ["GRANT SELECT ON t TO u", "GRANT"],
    ["LOCK TABLES t WRITE", "LOCK"],
    ["UNLOCK TABLES", "UNLOCK"],
    ["ANALYZE LOCAL TABLE t", "ANALYZE"],
    ["SELECT 1; commit", "COMMIT"],
    ["/* last */ -- one\n# two\nCOMMIT", "COMMIT"],
    ["/*!80000 COMMIT */", "COMMIT"],
    ["/*M!100100 COMMIT */", "COMMIT"],
    ["SELECT 'it''s \\' ; ' ; COMMIT", "COMMIT"],
    ['SELECT ";", `;` ; ROLLBACK', "ROLLBACK"],
    ["SELECT 1--1; COMMIT", "COMMIT"],
  ])("finds the command of %j", (sql, command) => expect(findCommittingCommand(sql)).toBe(command));

  it.each([
    "",
    "SELECT 1",
    "INSERT INTO commits VALUES ('COMMIT; ROLLBACK')",
    'SELECT "; COMMIT"',
    "SELECT 1 AS `; COMMIT`",
    "SELECT 1 -- ; COMMIT",
    "SELECT 1 # ; COMMIT",
    "SELECT /* ; COMMIT; */ 1",
    "SELECT 'an unfinished string ; COMMIT",
    "SELECT 'a backslash \\'; COMMIT; '",
    "SAVEPOINT a",
    "RELEASE SAVEPOINT a",
    "ROLLBACK TO a",
    "ROLLBACK WORK TO SAVEPOINT a",
    "CREATE TEMPORARY TABLE t (n int)",
    "CREATE OR REPLACE TEMPORARY TABLE t (n int)",
    "DROP TEMPORARY TABLE t",
    "DROP PREPARE s",
    "ANALYZE SELECT 1",
    "SET @commits = 1",
    "SET NAMES utf8mb4",
    "UPDATE t SET autocommit = 1",
    "BEGIN NOT ATOMIC SELECT 1",
    "beginning",
  ])("finds no command in %j", (sql) => expect(findCommittingCommand(sql)).toBeUndefined());

  it("reads a string of many megabytes in one pass", () => {
    const mail = "it\\'s -- /* ".repeat(1_000_000);
    expect(findCommittingCommand(`INSERT INTO mails VALUES ('${mail}')`)).toBeUndefined();
    expect(findCommittingCommand(`INSERT INTO mails VALUES ('${mail}'); COMMIT`)).toBe("COMMIT");
  });
});
