/** The names of the options of stores in SQL databases. */
export const sqlStoreOptionNames = [
  "schema",
  "table",
  "mode",
  "retentionSeconds",
  "sweepIntervalSeconds",
  "statementTimeoutSeconds",
  "idleTimeoutSeconds",
  "onWarning",
  "now",
] as const;
