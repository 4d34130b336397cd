import { contract } from "@ahasend-webhooks/core/contract";

import { toCurl } from "../../../../src/deliveries/to-curl.js";
import type { AttemptView } from "../../../../src/dev/view.js";
import { bodyUrl } from "../../api.js";
import { formatLatency, formatTime } from "../../format.js";
import { isAcknowledged, isSent } from "../../progress.js";
import { CopyButton } from "../shared/copy-button.js";
import { BodyViewer } from "./body-viewer.js";
import { Refusal } from "./refusal.js";
import { TextViewer } from "../shared/text-viewer.js";

const VALID_MINUTES = contract.toleranceSeconds / 60;

interface AttemptExchangeProps {
  deliveryKey: string;
  attempt: AttemptView;
  /** The receiver had acknowledged an earlier copy. */
  isDuplicate: boolean;
}

/** The request and the response of an attempt, side by side. */
export function AttemptExchange({ deliveryKey, attempt, isDuplicate }: AttemptExchangeProps) {
  const { number, request, redirects, startedAt } = attempt;
  return (
    <div class="exchanges">
      <section class="exchange" aria-label="Request">
        <h3>
          Request <span class="muted">{formatTime(startedAt)}</span>
        </h3>
        <p class="line mono">
          <b>{request.method}</b> {request.url}
        </p>
        <p class="row">
          <CopyButton
            what="as cURL"
            label="Copy as cURL"
            text={async () => {
              const body = await (await fetch(bodyUrl(deliveryKey, number))).arrayBuffer();
              return toCurl({ ...request, body: new Uint8Array(body) });
            }}
          />
          <span class="muted">Valid for {VALID_MINUTES} minutes</span>
        </p>
        <Headers headers={request.headers} />
        <BodyViewer deliveryKey={deliveryKey} attempt={number} />
      </section>
      <section class="exchange" aria-label="Response">
        <h3>
          Response{" "}
          <span class="muted">
            {isSent(attempt) ? formatLatency(attempt.latencyMs) : "not reached: nothing was sent"}
          </span>
        </h3>
        {redirects.length > 0 && (
          <ul class="redirects">
            {redirects.map(({ status, url }, index) => (
              <li key={index} class="mono">
                {status} → {url}
              </li>
            ))}
          </ul>
        )}
        {!isAcknowledged(attempt.response) && (
          <Refusal
            title={attempt.response === null ? "Why no reply came" : "Why it was refused"}
            deliveryKey={deliveryKey}
            attempt={number}
          />
        )}
        <Outcome attempt={attempt} />
        {isDuplicate && isAcknowledged(attempt.response) && (
          <p class="hint">
            Acknowledged as a duplicate: an earlier copy with this id was acknowledged, so a receiver that
            deduplicates did not run its handler.
          </p>
        )}
      </section>
    </div>
  );
}

function Outcome({ attempt: { response, error, override } }: { attempt: AttemptView }) {
  return (
    <>
      {override?.kind === "fail" && (
        <p class="hint">The emulator replied: the endpoint is set to fail. Your receiver got nothing.</p>
      )}
      {override?.kind === "slow" && (
        <p class="hint">The endpoint is set to be slow: the reply was held back for {override.seconds} s.</p>
      )}
      {error !== null && (
        <>
          <p class="line mono bad">
            <b>{error.code}</b>
          </p>
          <p>{error.message}</p>
        </>
      )}
      {response !== null && (
        <>
          <p class={`line mono ${isAcknowledged(response) ? "good" : "bad"}`}>
            <b>{response.status}</b>
          </p>
          <Headers headers={response.headers} />
          {response.body === "" ? (
            <p class="muted">No body</p>
          ) : (
            <TextViewer label="Response body" text={response.body} />
          )}
        </>
      )}
    </>
  );
}

function Headers({ headers }: { headers: Record<string, string> }) {
  const entries = Object.entries(headers);
  if (entries.length === 0) return null;
  return (
    <dl class="headers mono">
      {entries.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
