import { contract, retryDelaySeconds } from "@ahasend-webhooks/core/contract";

import { api } from "../../api.js";
import { perform } from "../../notices.js";
import { href, navigate } from "../../navigation.js";
import { connection, endpoints } from "../../state.js";
import { Empty } from "../shared/empty.js";
import { Icon } from "../shared/icon.js";

/** The first steps, shown until there is a delivery. */
export function Welcome() {
  if (connection.value !== "live") return null;
  return endpoints.value.size === 0 ? <NoEndpoint /> : <NothingSent />;
}

function NoEndpoint() {
  return (
    <Empty title="Add your first endpoint">
      <p>
        An endpoint is a URL with a secret, as in the AhaSend dashboard. Events you send here are signed with
        the secret and delivered to the URL, with retries until it replies with 2xx.
      </p>
      <p>
        <a class="button primary" href={href({ view: "endpoints" })}>
          <Icon name="plus" />
          Add an endpoint
        </a>
      </p>
      <p class="muted">
        Or start with one:{" "}
        <code>npx @ahasend-webhooks/emulator dev --to http://localhost:3000/webhooks/ahasend</code>
      </p>
    </Empty>
  );
}

/** The pauses before a webhook's retries, without jitter: "1, 16, … and 625". */
const webhookPauses = new Intl.ListFormat("en-GB").format(
  Array.from({ length: contract.maxAttempts.webhook - 1 }, (_, index) =>
    String(retryDelaySeconds(index + 1, () => 0.5)),
  ),
);

function NothingSent() {
  const sendSample = async () => {
    const [sample] = (await api.samples()).filter(({ type }) => type === "message.delivered");
    const [row] = sample === undefined ? [] : await api.emit({ event: sample, faults: [] });
    if (row === undefined) navigate({ view: "send" });
    else navigate({ view: "deliveries", key: row.key });
  };
  return (
    <Empty title="No deliveries yet">
      <ol>
        <li>Start your receiver with the secret of the endpoint.</li>
        <li>Send an event. The delivery appears here with every attempt: the request and the response.</li>
        <li>
          Let the receiver fail and watch the retries: after {webhookPauses} seconds, or faster if you raise
          the speed.
        </li>
      </ol>
      <p class="row">
        <button type="button" class="primary" onClick={() => void perform(sendSample)}>
          <Icon name="send" />
          Send message.delivered
        </button>
        <a class="button" href={href({ view: "send" })}>
          Compose an event
        </a>
      </p>
    </Empty>
  );
}
