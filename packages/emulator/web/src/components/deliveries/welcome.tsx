import { contract, retryDelaySeconds } from "@ahasend-webhooks/core/contract";

import { api } from "../../api.js";
import { perform } from "../../notices.js";
import { href, navigate } from "../../navigation.js";
import { connection, endpoints } from "../../state.js";
import { Empty } from "../shared/empty.js";
import { Icon } from "../shared/icon.js";

/** What is shown before the first delivery. */
export function Welcome() {
  if (connection.value !== "live") return null;
  return endpoints.value.size === 0 ? <NoEndpoint /> : <NothingSent />;
}

function NoEndpoint() {
  return (
    <Empty title="Where does your receiver listen?">
      <p>
        An endpoint is a URL with a secret, as in AhaSend's dashboard. Events that you send here are signed
        with the secret, and delivered to the URL: again and again, until it answers with 2xx.
      </p>
      <p>
        <a class="button primary" href={href({ view: "endpoints" })}>
          <Icon name="plus" />
          Add an endpoint
        </a>
      </p>
      <p class="muted">
        Or start with one: <code>ahasend-webhooks dev --to http://localhost:3000/webhooks/ahasend</code>
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
    <Empty title="Nothing has been sent yet">
      <ol>
        <li>Start your receiver, with the secret that the endpoint has here.</li>
        <li>
          Send an event. The delivery appears here, with each attempt: what was sent, and what came back.
        </li>
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
