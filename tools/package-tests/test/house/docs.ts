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
    const folders = new Set(files.flatMap(({ path }) => withFolders(path)));
    return files
      .filter(({ path }) => path.endsWith(".md") && !path.startsWith(".changeset/"))
      .flatMap(({ path, text }) =>
        [...text.matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]*))?\)/g)]
          .map(([, target = "", anchor]) => ({ target: resolve(path, target), anchor }))
          .filter(({ target, anchor }) => !folders.has(target) || !hasHeading(byPath.get(target), anchor))
          .map(
            ({ target, anchor }) => `${path} links to ${target}${anchor === undefined ? "" : `#${anchor}`}`,
          ),
      );
  },
  planted: [{ path: "docs/planted.md", text: "[here](troubleshooting.md#no-such-heading)" }],
};

function resolve(from: string, target: string): string {
  if (target === "") return from;
  const url = new URL(target, `file:///${from}`);
  return decodeURIComponent(url.pathname.slice(1)).replace(/\/$/, "");
}

function hasHeading(file: RepoFile | undefined, anchor: string | undefined): boolean {
  if (anchor === undefined || file === undefined) return true;
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
