import { type Profiler, Session } from "node:inspector/promises";

/** The time of a process by activity, in microseconds. */
export type Profile = Partial<Record<Activity, number>>;

/** The activities, in the order of the report. */
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

/** The profiler's own start and end are not reported. */
type Activity = (typeof activities)[number] | "profiler";

/** The activity of a file, by the first pattern that matches its URL. */
const ACTIVITIES_BY_URL: readonly [RegExp, Activity][] = [
  [/^node:(internal\/)?inspector/, "profiler"],
  [/^node:internal\/crypto\//, "crypto"],
  [/^node:/, "Node.js"],
  [/\/packages\/[\w-]+\/dist\//, "ours"],
  [/\/node_modules\/(standardwebhooks|@stablelib|fast-sha256)\//, "standardwebhooks"],
  [/\/node_modules\//, "framework"],
];
/** The sampling interval. */
const INTERVAL_MICROS = 250;

/** Starts a profile of this process. @returns a function that ends it */
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

/** Sums up a profile by activity, without idle time. */
export function sumUp({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Profile {
  const parents = new Map(nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id])));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  /** Native functions have no file: they count for their caller. */
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
  // The system call that sends a reply.
  if (/^write(Latin1String|Utf8String|AsciiString|Buffer|v)$/.test(functionName)) return "socket";
  if (url === "") return undefined;
  const activity = ACTIVITIES_BY_URL.find(([pattern]) => pattern.test(url))?.[1] ?? "rest";
  // V8 attributes JSON.parse to its caller; our function of that name does nothing else.
  return activity === "ours" && functionName === "parse" ? "JSON.parse" : activity;
}
