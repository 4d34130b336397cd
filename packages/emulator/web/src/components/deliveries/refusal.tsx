import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import type { RefusalReport } from "../../../../src/doctor/refusal-report.js";
import { api } from "../../api.js";

/** Why the receiver refused an attempt, and how to fix it. */
export function Refusal({ deliveryKey, attempt }: { deliveryKey: string; attempt: number }) {
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
    <section class="refusal" aria-label="Why it was refused">
      <h4>Why it was refused {code !== null && <code class="tag">{code}</code>}</h4>
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
