import express5 from "express";
import express4 from "express4";

/** The versions of Express that the adapter supports. */
export const versions = [
  { version: 5, express: express5 },
  { version: 4, express: express4 },
] as const;
