import { contract, retryDelaySeconds } from "@ahasend-webhooks/core/contract";
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";

import { api } from "../../api.js";
import { href, navigate } from "../../navigation.js";
import { perform } from "../../notices.js";
import { connection, endpoints } from "../../state.js";
import { CopyLine } from "../shared/copy-line.js";
import { Empty } from "../shared/empty.js";
import { Icon } from "../shared/icon.js";
import { ReceiverCode } from "./receiver-code.js";

/** The first steps, shown until there is a delivery. */
export function Welcome() {
  if (connection.value !== "live") return null;
  return endpoints.value.size === 0 ? <NoEndpoint /> : <NothingSent />;
}

const DEFAULT_URL = "http://localhost:3000/webhooks/ahasend";

function NoEndpoint() {
  const secret = useSecret(async () => (await api.setup()).secret, "setup");
  const url = useSignal(DEFAULT_URL);
  const add = async (event: Event) => {
    event.preventDefault();
    await perform(async () => {
      for (const kind of ["webhook", "route"] as const) {
        await api.createEndpoint({ kind, url: url.value, secret });
      }
    });
  };
  return (
    <Empty title="Add your first endpoint">
      <ReceiverSteps secret={secret}>
        <form class="row" onSubmit={(event) => void add(event)}>
          <label class="field grow">
            <span>URL of your receiver</span>
            <input
              type="url"
              required
              value={url.value}
              onInput={({ currentTarget }) => (url.value = currentTarget.value)}
            />
          </label>
          <button type="submit" class="primary bottom" disabled={secret === ""}>
            <Icon name="plus" />
            Add this endpoint
          </button>
        </form>
      </ReceiverSteps>
      <p class="muted">
        This adds a webhook and an inbound route. Events you send here are signed with the secret and
        delivered to the URL, with retries until it replies with 2xx. For other secrets and settings,{" "}
        <a href={href({ view: "endpoints" })}>add an endpoint</a> yourself.
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
  const [first] = endpoints.value.values();
  const id = first?.id ?? "";
  const secret = useSecret(async () => (await api.secret(id)).secret, id);
  const sendSample = async () => {
    const [sample] = (await api.samples()).filter(({ type }) => type === "message.delivered");
    const [row] = sample === undefined ? [] : await api.emit({ event: sample, faults: [] });
    if (row === undefined) navigate({ view: "send" });
    else navigate({ view: "deliveries", key: row.key });
  };
  return (
    <Empty title="No deliveries yet">
      <ReceiverSteps secret={secret}>
        <CopyLine label="URL" text={first?.url ?? ""} what="the URL" />
        <p>Start your receiver there, and send it an event:</p>
        <p class="row">
          <button type="button" class="primary" onClick={() => void perform(sendSample)}>
            <Icon name="send" />
            Send message.delivered
          </button>
          <a class="button" href={href({ view: "send" })}>
            Compose an event
          </a>
        </p>
      </ReceiverSteps>
      <p class="muted">
        The delivery appears here with every attempt. Let the receiver fail and watch the retries: after{" "}
        {webhookPauses} seconds, or faster if you raise the speed.
      </p>
    </Empty>
  );
}

interface ReceiverStepsProps {
  /** Empty until it has arrived. */
  secret: string;
  /** The last step. */
  children: ComponentChildren;
}

function ReceiverSteps({ secret, children }: ReceiverStepsProps) {
  return (
    <ol>
      <li>
        <ReceiverCode />
      </li>
      <li>
        <CopyLine
          label="Secret, in the environment of your app"
          text={`AHASEND_WEBHOOK_SECRET=${secret}`}
          what="the secret as a variable"
        />
      </li>
      <li>{children}</li>
    </ol>
  );
}

/** Fetches a secret. @returns empty until it has arrived */
function useSecret(fetchSecret: () => Promise<string>, key: string): string {
  const secret = useSignal("");
  useEffect(() => void perform(async () => (secret.value = await fetchSecret())), [key]);
  return secret.value;
}
