import { type RepoFile, type Rule } from "./repository.js";

/** Words and phrases of CONTRIBUTING.md's table, as patterns; what to write instead. */
const phrases: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/\btold\b|\btells\b/i, "calls, reports, logs"],
  [
    /(?<!\b[Tt]here )\bis no (?!longer|more|later|less)|(?<!\b[Tt]here )\bis none\b|\bgive one of\b/i,
    "is not a, must be a, pass a",
  ],
  [/\ba text\b|\btexts\b/i, "a string"],
  [/\bso many\b/i, "a number"],
  [/\bnot to be had\b/i, "not available"],
  [/\bmend(s|ed|ing)?\b/i, "fix"],
  [/\bmakes? sense\b/i, "say when or why"],
  [/\b(he|him|his|himself)\b/i, "it, the sender"],
  [/\bput(s|ting)? off\b/i, "refuse with 503, delay"],
  [
    /\bfor ever\b|\bshall\b|\banew\b|\bspoil(s|t|ed|ing)?\b|\bin vain\b/i,
    "forever, must, again, alter, without success",
  ],
  [/\bgo(es)? on\b|\bis over\b/i, "continues, has ended"],
  [
    /^\s*(?:\/\*\*|\*) (?:What|How|Whether)\b/m,
    "begin a docstring with a noun, or a verb in the third person",
  ],
];

/** This file and the page that lists the words; what AhaSend wrote; generated figures. */
const isExempt = (path: string): boolean =>
  path === "CONTRIBUTING.md" ||
  path.endsWith("/house/words.ts") ||
  /^contract\/|CHANGELOG|\/fixtures\//.test(path);

const isProse = ({ path }: RepoFile): boolean => /\.(tsx?|mjs|md|css|html|sql)$/.test(path);

export const plainWords: Rule = {
  name: "uses the words of CONTRIBUTING.md",
  findBreaches: (files) =>
    files
      .filter((file) => isProse(file) && !isExempt(file.path))
      .flatMap(({ path, text }) =>
        text
          .split("\n")
          .flatMap((line, index) =>
            phrases
              .filter(([pattern]) => pattern.test(line))
              .map(([, instead]) => `${path}:${index + 1} ${line.trim()} (${instead})`),
          ),
      ),
  planted: [{ path: "packages/core/src/planted.ts", text: "// The handler is told which copy it has.\n" }],
};
