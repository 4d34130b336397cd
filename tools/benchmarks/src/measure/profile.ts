import { type Profiler, Session } from "node:inspector/promises";

/** What a process spends its time on, in microseconds. */
export type Profile = Partial<Record<Activity, number>>;

/** In the order of the report. */
export const activities = [
  "socket",
  "garbage",
  "Node.js",
  "framework",
  "crypto",
  "JSON.parse",
  "ours",
  "standardwebhooks",
  "rest",
] as const;

/** The profiler's own start and end are in none of the columns. */
type Activity = (typeof activities)[number] | "profiler";

/** The code of a package, in its own folder or where pnpm has put it. */
const PACKAGES: readonly [RegExp, Activity][] = [
  [/^node:(internal\/)?inspector/, "profiler"],
  [/^node:internal\/crypto\//, "crypto"],
  [/^node:/, "Node.js"],
  [/\/packages\/(core|express|koa|nestjs|store-\w+)\/dist\//, "ours"],
  [/\/node_modules\/(standardwebhooks|@stablelib|fast-sha256)\//, "standardwebhooks"],
  [/\/node_modules\//, "framework"],
];
/** How often it is looked at what the process does. */
const INTERVAL_MICROS = 250;

/** Begins to note what this process does. @returns what ends it */
export async function startProfile(): Promise<() => Promise<Profile>> {
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.setSamplingInterval", { interval: INTERVAL_MICROS });
  await session.post("Profiler.start");
  return async () => {
    const { profile } = await session.post("Profiler.stop");
    session.disconnect();
    return sumUp(profile);
  };
}

/** Adds up a profile by what was done; time in which there was nothing to do is left out. */
export function sumUp({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Profile {
  const parents = new Map(nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id])));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  /** Native functions have no file: they belong to whoever called them. */
  const classifyNode = (id: number | undefined): Activity | undefined => {
    const node = id === undefined ? undefined : byId.get(id);
    return node === undefined
      ? "rest"
      : (classifyFrame(node.callFrame) ?? classifyNode(parents.get(node.id)));
  };
  const profile: Profile = {};
  for (const [index, id] of samples.entries()) {
    if (byId.get(id)?.callFrame.functionName === "(idle)") continue;
    const activity = classifyNode(id) ?? "rest";
    profile[activity] = (profile[activity] ?? 0) + (timeDeltas[index] ?? 0);
  }
  return profile;
}

function classifyFrame({ functionName, url }: Profiler.ProfileNode["callFrame"]): Activity | undefined {
  if (functionName === "(garbage collector)") return "garbage";
  if (functionName === "(program)") return "rest";
  // The call into the kernel that sends an answer.
  if (/^write(Latin1String|Utf8String|AsciiString|Buffer|v)$/.test(functionName)) return "socket";
  if (url === "") return undefined;
  const activity = PACKAGES.find(([place]) => place.test(url))?.[1] ?? "rest";
  // V8 counts what it does in JSON.parse as the caller's own; ours does nothing else.
  return activity === "ours" && functionName === "parse" ? "JSON.parse" : activity;
}
