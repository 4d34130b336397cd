import { describe, expect, it } from "vitest";

import { secret } from "../helpers.js";
import { run, runProcess } from "./program.js";

const to = ["--to", "http://localhost:1/webhooks/ahasend"];

describe("a usage error", () => {
  const mistakes = {
    "no command": ["sned"],
    "an unknown option": ["send", "message.opened", ...to, "--sped", "9"],
    "a missing option": ["send", "message.opened"],
    "an unknown type": ["send", "message.bouncd", ...to],
    "no event": ["send", ...to],
    "a type and a file": ["send", "message.opened", "--file", "event.json", ...to],
    "a URL without its scheme": ["send", "message.opened", "--to", "localhost:3000"],
    "a URL of another machine": ["send", "message.opened", "--to", "http://192.0.2.1/"],
    "a speed of 0": ["send", "message.opened", ...to, "--speed", "0"],
    "an unknown fault": ["send", "message.opened", ...to, "--fault", "gremlin"],
    "a misspelt fault": ["send", "message.opened", ...to, "--fault", "stal=9"],
    "a fault that takes no value": ["send", "message.opened", ...to, "--fault", "unsigned=1"],
    "an invalid value of a fault": ["send", "message.opened", ...to, "--fault", "stale=long"],
    "attempts of a fault that cannot have any": ["send", "message.opened", ...to, "--fault", "duplicate@1"],
    "nothing to reorder": ["send", "message.opened", ...to, "--fault", "reordered"],
    "a setting without a value": ["send", "message.opened", ...to, "--set", "data.recipient"],
    "a setting that is not JSON": ["send", "message.opened", ...to, "--set", "data.is_bot:=yes"],
    "a misspelt field": ["send", "message.opened", ...to, "--set", "data.recipent=x@y.z"],
    "retries without pauses, but one attempt": ["send", "message.opened", ...to, "--once", "--speed", "9"],
    "a dry run of a slow upload": ["send", "message.opened", ...to, "--dry-run", "--fault", "slow"],
    "a setting inside a string": ["send", "message.opened", ...to, "--add", "data.subject.text=x"],
    "a missing file": ["send", "--file", "/no/such/file", ...to],
    "an unknown scenario": ["scenario", "delivred", ...to],
    "a count of 0": ["scenario", "delivered", ...to, "--count", "0"],
    "a missing recording": ["replay", "/no/such/file", ...to],
    "new ids with old signatures": ["replay", "/no/such/file", ...to, "--new-ids"],
    "a forward to another machine": ["listen", "--port", "0", "--forward-to", "http://192.0.2.1/"],
    "no folder to capture to": ["capture"],
    "a folder to capture to that exists": ["capture", "--port", "0", "--output", "/tmp"],
    "a folder to capture to that cannot be made": ["capture", "--port", "0", "--output", "/dev/null/x"],
    "a file that cannot be written": ["listen", "--port", "0", "--record", "/no/such/file"],
    "an address of another machine": ["listen", "--port", "0", "--host", "192.0.2.1"],
    "no URL to check": ["check"],
    "an unknown check": ["check", ...to, "--only", "reach/genuin"],
    "a check of another machine": ["check", "--to", "http://192.0.2.1/"],
    "effects without a URL": ["check", ...to, "--effects", "/stats"],
    "a time-out of 0": ["check", ...to, "--timeout", "0"],
    "an invalid time": ["verify", "--headers", "a", "--body", "b", "--at", "noon"],
    "no inbox": ["inbox", "stats"],
    "an unknown command of inbox": ["inbox", "lst"],
    "headers and body both from stdin": ["verify", "--headers", "-", "--body", "-"],
  };

  /** A part of the message for a misspelt name. */
  const cures: { [Mistake in keyof typeof mistakes]?: string } = {
    "no command": "(Did you mean send?)",
    "an unknown option": "(Did you mean --speed?)",
    "an unknown type": "did you mean message.bounced?",
    "an unknown fault": "It must be one of duplicate, ",
    "a misspelt fault": "Did you mean stale?",
    "a misspelt field": "did you mean data.recipient? Use --add for a new field.",
    "an unknown scenario": "Did you mean delivered?",
    "an unknown check": "Did you mean reach/genuine?",
    "an unknown command of inbox": "(Did you mean list?)",
  };

  it.each(Object.entries(mistakes))(
    "is reported in one line that says what to do: %s",
    async (what, args) => {
      const { status, stdout, stderr } = await run(args);
      expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
      expect(stderr).toMatch(/^error: .+[.!?]\n$/);
      expect(stderr).toContain(cures[what as keyof typeof mistakes] ?? "");
    },
  );

  it("is an empty stdin", async () => {
    const { status, stderr } = await runProcess(["send", "--file", "-", ...to]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^error: .*stdin is empty: pipe the body into the command.*\.\n$/);
  });

  it.each([
    `send message.opened ${to.join(" ")}`,
    `scenario bounced ${to.join(" ")}`,
    `replay requests.jsonl --resign ${to.join(" ")}`,
    `check ${to.join(" ")}`,
    "capture --output captured",
  ])("is a missing secret for %s", async (command) => {
    const { status, stderr } = await run(command.split(" "), { env: {} });
    expect(status).toBe(2);
    expect(stderr).toBe("error: A secret is required: use --secret, or set AHASEND_WEBHOOK_SECRET.\n");
  });

  it("does not print a secret", async () => {
    const padded = `${secret} `;
    for (const env of [{ AHASEND_WEBHOOK_SECRET: padded }, { AHASEND_WEBHOOK_SECRET: "" }]) {
      const given = env.AHASEND_WEBHOOK_SECRET === "" ? ["--secret", padded] : [];
      const { status, stderr } = await run(["send", "message.opened", ...to, ...given], { env });
      expect(status).toBe(2);
      expect(stderr).toContain("white space");
      expect(stderr).not.toContain(secret);
    }
  });
});
