import { type RepoFile, type Rule } from "./repository.js";

export const livingPaths: Rule = {
  name: "names only files that exist in architecture.md, CONTRIBUTING.md and the decisions",
  findBreaches: (files) => {
    const paths = new Set(files.flatMap(({ path }) => withFolders(path)));
    return files.filter(isPage).flatMap(({ path, text }) =>
      [...text.matchAll(/`((?:packages|apps|tools|docs|contract)\/[\w./@-]*)`/g)]
        .map(([, named = ""]) => named.replace(/\/$/, ""))
        .filter((named) => !paths.has(named))
        .map((named) => `${path} names ${named}`),
    );
  },
  planted: [{ path: "docs/architecture.md", text: "`packages/core/src/nowhere.ts`" }],
};

const isPage = ({ path }: RepoFile): boolean =>
  /^(CONTRIBUTING\.md|docs\/(architecture|decisions\/.*)\.md)$/.test(path);

function withFolders(path: string): string[] {
  const parts = path.split("/");
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}

export const livingLinks: Rule = {
  name: "links only to files and headings that exist",
  findBreaches: (files) => {
    const byPath = new Map(files.map((file) => [file.path, file]));
    const paths = new Set(files.flatMap(({ path }) => withFolders(path)));
    return files
      .filter(({ path }) => path.endsWith(".md") && !path.startsWith(".changeset/"))
      .flatMap(({ path, text }) =>
        listLinks(text)
          .map((link) => resolveLink(path, link))
          .filter((link) => link !== undefined)
          .filter(({ target, anchor }) => !paths.has(target) || !hasHeading(byPath.get(target), anchor))
          .map(({ target, anchor }) => `${path} links to ${target}${anchor === "" ? "" : `#${anchor}`}`),
      );
  },
  planted: [
    { path: "docs/planted.md", text: "[here](troubleshooting.md#no-such-heading)" },
    {
      path: "packages/core/planted.md",
      text: "[here](https://github.com/ahasend-webhooks/ahasend-webhooks/blob/main/missing.md)",
    },
  ],
};

/** Links of packages' READMEs are absolute: npm does not resolve relative ones. */
const repository =
  /^https:\/\/(?:github\.com|raw\.githubusercontent\.com)\/ahasend-webhooks\/ahasend-webhooks\/(?:(?:blob|tree)\/)?main\//;

/** Returns the targets of the links and images of a Markdown text, outside of code. */
function listLinks(text: string): string[] {
  const prose = text.replaceAll(/^```.*?^```$/gms, "").replaceAll(/`[^`]*`/g, "");
  const links = prose.matchAll(/\]\(([^)\s]+)\)|^\[[^\]]+\]: (\S+)|\bsrc="([^"]+)"/gm);
  return [...links].map(([, inline, reference, image]) => inline ?? reference ?? image ?? "");
}

/** Returns the file or folder of this repository that a link leads to; `undefined` for other sites. */
function resolveLink(from: string, link: string): { target: string; anchor: string } | undefined {
  const inside = link.replace(repository, "/");
  if (/^[a-z]+:/.test(inside)) return undefined;
  const { pathname, hash } = new URL(inside, `file:///${from}`);
  return { target: decodeURIComponent(pathname.slice(1)).replace(/\/$/, ""), anchor: hash.slice(1) };
}

function hasHeading(file: RepoFile | undefined, anchor: string): boolean {
  if (anchor === "" || file === undefined) return true;
  const headings = [...file.text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => toAnchor(heading));
  return headings.includes(anchor);
}

/** The anchor that GitHub gives a heading. */
function toAnchor(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");
}

export const noWorkstation: Rule = {
  name: "names no registry host in the lockfiles and settings",
  findBreaches: (files) =>
    files
      .filter(({ path }) =>
        /(^|\/)(pnpm-lock\.yaml|package-lock\.json|\.npmrc|pnpm-workspace\.yaml)$/.test(path),
      )
      .filter(({ text }) =>
        /https?:\/\/(?!(www\.)?(github\.com|opencollective\.com|paypal\.me|tidelift\.com)\b)/.test(
          text.replaceAll(/"(url|funding)":.*/g, ""),
        ),
      )
      .map(({ path }) => `${path} names a host`),
  planted: [{ path: "packages/core/.npmrc", text: "registry=http://registry.example/" }],
};
