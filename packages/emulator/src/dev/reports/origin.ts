/** The commands that report their deliveries to the page of `dev`. */
export const origins = ["send", "scenario", "check", "listen"] as const;

/** A command that reports its deliveries. */
export type Origin = (typeof origins)[number];
