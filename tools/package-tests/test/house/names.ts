import { type Rule, isSource } from "./repository.js";

export const verbsFirst: Rule = {
  name: "names functions verbs first: no family of names ending with Of or In",
  findBreaches: (files) =>
    files
      .filter(isSource)
      .flatMap(({ path, text }) =>
        [...text.matchAll(/^(?:export )?(?:async )?(?:function|const) ([a-z]\w*(?:Of|In))\b/gm)].map(
          ([, name]) => `${path} names something ${name}`,
        ),
      ),
  planted: [{ path: "packages/core/src/planted.ts", text: "export function leaseOf(): void {}\n" }],
};

export const noShadowedGlobals: Rule = {
  name: "exports no type or value with the name of a global, nor one as general as App or Problem",
  findBreaches: (files) =>
    files
      .filter(({ path }) => /^packages\/[^/]+\/src\/index\.ts$/.test(path))
      .flatMap(({ path, text }) =>
        [...text.matchAll(/export (?:type )?\{([^}]*)\}/g)]
          .flatMap(([, list = ""]) => list.split(","))
          .map((name) => name.trim().replace(/^(type )?(\w+ as )?/, ""))
          .filter((name) => name !== "" && (name in globalThis || tooGeneral.has(name)))
          .map((name) => `${path} exports ${name}`),
      ),
  planted: [
    { path: "packages/planted/src/index.ts", text: 'export type { MessageEvent } from "./event.js";\n' },
  ],
};

const tooGeneral = new Set(["Answer", "App", "Capture", "Change", "Problem", "Result", "Route", "Trace"]);

export const namedExports: Rule = {
  name: "has named exports only, re-exports in index.ts only, and no export *",
  findBreaches: (files) =>
    files
      .filter((file) => file.path.startsWith("packages/") && isSource(file) && !file.path.includes("/web/"))
      .filter(({ path, text }) => {
        const isEntry = /\/src\/(index|node|contract|(inbox|sql)\/index)\.ts$/.test(path);
        return (
          /^export (default|\*)/m.test(text) || (!isEntry && /^export (type )?\{[^}]*\} from/m.test(text))
        );
      })
      .map(({ path }) => `${path} re-exports or has a default export`),
  planted: [{ path: "packages/core/src/planted.ts", text: 'export * from "./errors.js";\n' }],
};
