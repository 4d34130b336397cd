import type { Envelope } from "./envelope.js";

/** Result of the last DNS check of a sending domain. */
export interface DomainDnsErrorData {
  domain: string;
  account_id: string;
  spf_valid: boolean;
  dkim_valid: boolean;
  dmarc_valid: boolean;
  /** RFC 3339. */
  dns_last_checked_at: string;
}

/** SPF, DKIM or DMARC of a sending domain broke. */
export type DomainDnsErrorEvent = Envelope<"domain.dns_error", DomainDnsErrorData>;
