import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import type { RefusalReport } from "../../../../src/doctor/refusal-report.js";
import { api } from "../../api.js";

interface RefusalProps {
  title: string;
  deliveryKey: string;
  /** The number of the attempt. */
  attempt: number;
}

/** The reason why the receiver refused an attempt, or did not reply, and how to fix it. */
export function Refusal({ title, deliveryKey, attempt }: RefusalProps) {
  const report = useSignal<RefusalReport | null>(null);
  useEffect(() => {
    let isOutdated = false;
    // Without an explanation, the page shows the reply alone.
    api.explanation(deliveryKey, attempt).then(
      (explanation) => {
        if (!isOutdated) report.value = explanation;
      },
      () => undefined,
    );
    return () => {
      isOutdated = true;
    };
  }, [deliveryKey, attempt]);
  if (report.value === null) return null;
  const { code, verifies, causes } = report.value;
  return (
    <section class="refusal" aria-label={title}>
      <h4>
        {title} {code !== null && <code class="tag">{code}</code>}
      </h4>
      {verifies === true && (
        <p class="muted">As it was sent, the request verifies: secret, time and body are right.</p>
      )}
      <ul>
        {causes.map((cause) => (
          <li key={cause}>{cause}</li>
        ))}
      </ul>
    </section>
  );
}
