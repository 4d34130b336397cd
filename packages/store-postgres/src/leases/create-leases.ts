import type { Claim, IdempotencyStore } from "@ahasend-webhooks/core";

import type { RunStatement } from "../database/database.js";
import type { Settings } from "../options.js";
import { parseResult, readFirstRow } from "../parse-result.js";
import type { Statements } from "../statements.js";
import { Batcher } from "./batcher.js";

/** A call of `claim`. */
interface ClaimCall {
  key: string;
  token: string;
  leaseMs: number;
}

/** A call of `commit`. */
interface CommitCall {
  key: string;
  retainMs: number;
}

/** Creates the methods of a store in lease mode. Claims and commits that come at the same time share statements. */
export function createLeases(
  { query }: { query: RunStatement },
  statements: Statements,
  { name, clock, retentionMs }: Settings,
): Pick<IdempotencyStore, "claim" | "renew" | "commit" | "release"> {
  const claims = new Batcher<ClaimCall, Claim>({
    async runOne({ key, token, leaseMs }) {
      const rows = await query(statements.claim, [key, token, leaseMs, retentionMs, clock()]);
      const { state, number } = parseResult(rows);
      if (state === "claimed") return { state, attempt: number };
      return state === "done" ? { state } : { state, retryAfterMs: number };
    },
    async runAll(calls) {
      const keys = calls.map(({ key }) => key);
      const tokens = calls.map(({ token }) => token);
      const leases = calls.map(({ leaseMs }) => leaseMs);
      const rows = await query(statements.claimNew, [keys, tokens, leases, retentionMs, clock()], {
        preparedAs: "claim",
      });
      const claimed: Claim = { state: "claimed", attempt: 1 };
      return new Map(readKeys(rows).map((key) => [key, claimed]));
    },
  });
  const commits = new Batcher<CommitCall, true>({
    async runOne({ key, retainMs }) {
      const rows = await query(statements.commit, [key, retainMs, clock()]);
      if (rows.length === 1) return true;
      throw new Error(
        `The receipt was not written to ${name.table}: remove the trigger or rule that prevents it.`,
      );
    },
    async runAll(calls) {
      const keys = calls.map(({ key }) => key);
      const retentions = calls.map(({ retainMs }) => retainMs);
      const rows = await query(statements.commitAll, [keys, retentions, clock()], { preparedAs: "commit" });
      return new Map(readKeys(rows).map((key) => [key, true]));
    },
  });

  return {
    claim: (key, token, leaseMs) => claims.run({ key, token, leaseMs }),
    async renew(key, token, leaseMs) {
      await query(statements.renew, [key, token, leaseMs, clock()]);
    },
    async commit(key, _token, retainMs) {
      await commits.run({ key, retainMs });
    },
    async release(key, token) {
      await query(statements.release, [key, token]);
    },
  };
}

/** Returns the first column of each row. What is not one of the keys counts for nothing: its call runs alone. */
function readKeys(rows: readonly unknown[]): string[] {
  return rows.map((row) => readFirstRow([row])[0] ?? "");
}
