/** The code of a receiver, as the page shows it. */
export interface Snippet {
  /** The framework. */
  label: string;
  /** The command that installs it. */
  install: string;
  code: string;
}

/** Inserted by the build. */
declare const SNIPPETS: readonly Snippet[];

/** The code of a receiver for each framework, from the READMEs. */
export const snippets = SNIPPETS;
