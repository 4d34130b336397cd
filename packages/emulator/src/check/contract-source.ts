/** The source of a rule: where the contract says it. */
export function contract(where: string): string {
  return `https://github.com/ahasend-webhooks/ahasend-webhooks/blob/main/contract/README.md, ${where}`;
}
