/**
 * Returns the value of an environment variable with few possible values, `undefined` if it is not set.
 *
 * @throws {Error} naming the variable and the values
 */
export function findChoice<const Choice extends string>(
  env: NodeJS.ProcessEnv,
  variable: string,
  choices: readonly Choice[],
): Choice | undefined {
  const value = env[variable] || undefined;
  const choice = choices.find((one) => one === value);
  if (value === undefined || choice !== undefined) return choice;
  const list = new Intl.ListFormat("en", { type: "disjunction", style: "short" }).format(choices);
  throw new Error(`${variable} must be ${list}: set it to one of them, or leave it out.`);
}
