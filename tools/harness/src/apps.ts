import { join } from "node:path";

import { apps, root } from "./workspace.js";

/** An example app as a program to run. */
export interface AppProgram {
  name: string;
  /** The built program. */
  path: string;
  /** The built program that handles, without HTTP, what the app has accepted. */
  workerPath: string;
  env: Record<string, string>;
}

/** Further ways to run an app: for each folder, the environment by name. */
const variants: Record<string, Record<string, Record<string, string>>> = {
  nestjs: { "nestjs-fastify": { PLATFORM: "fastify" } },
};

/** Every way to run an example app: its folder, and its variants. */
export const appPrograms: readonly AppProgram[] = apps.flatMap((folder) => {
  const dist = join(root, "apps", folder, "dist");
  const paths = { path: join(dist, "main.js"), workerPath: join(dist, "worker.js") };
  return Object.entries({ [folder]: {}, ...variants[folder] }).map(([name, env]) => ({
    name,
    ...paths,
    env,
  }));
});

/** @throws {Error} naming the apps, if none has this name */
export function findAppProgram(name: string): AppProgram {
  const program = appPrograms.find((one) => one.name === name);
  if (program !== undefined) return program;
  const names = appPrograms.map((one) => one.name).join(", ");
  throw new Error(`There is no app "${name}": use one of ${names}.`);
}
