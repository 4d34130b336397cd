import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import type { DeliveryDetail } from "../../../../src/dev/view.js";
import { ApiError, api } from "../../api.js";
import { href } from "../../navigation.js";
import { deliveries } from "../../state.js";
import { Attempts } from "./attempts.js";
import { DeliveryHead } from "./delivery-head.js";
import { Empty } from "../shared/empty.js";
import { Icon } from "../shared/icon.js";

/** A delivery with its attempts, kept up to date. */
export function DeliveryDetailView({ deliveryKey }: { deliveryKey: string }) {
  const detail = useSignal<DeliveryDetail | undefined>(undefined);
  const problem = useSignal<string | undefined>(undefined);
  // The row is replaced whenever the delivery changes.
  const row = deliveries.value.get(deliveryKey);

  useEffect(() => {
    let isOutdated = false;
    api.delivery(deliveryKey).then(
      (delivery) => {
        if (isOutdated) return;
        detail.value = delivery;
        problem.value = undefined;
      },
      (error: unknown) => {
        if (!isOutdated && error instanceof ApiError) problem.value = error.message;
      },
    );
    return () => {
      isOutdated = true;
    };
  }, [deliveryKey, row]);

  return (
    <section class="detail" aria-label="Delivery" tabIndex={-1}>
      <a class="back" href={href({ view: "deliveries" })}>
        <Icon name="left" />
        All deliveries
      </a>
      {detail.value !== undefined && (
        <>
          <DeliveryHead delivery={detail.value} />
          <Attempts delivery={detail.value} />
        </>
      )}
      {detail.value === undefined && problem.value !== undefined && (
        <Empty title="Unknown delivery">
          <p>{problem.value}</p>
        </Empty>
      )}
    </section>
  );
}
