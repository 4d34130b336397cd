import { deliveries, endpoints } from "../../state.js";
import { DeliveryDetailView } from "./delivery-detail.js";
import { DeliveryList } from "./delivery-list.js";
import { FilterBar } from "./filter-bar.js";
import { ListActions } from "./list-actions.js";
import { Welcome } from "./welcome.js";

/** The list of deliveries, and the selected one beside it. */
export function DeliveriesView({ selected }: { selected: string | undefined }) {
  const hasReports = [...deliveries.value.values()].some(({ report }) => report !== null);
  const isNew = endpoints.value.size === 0 && !hasReports;
  if (isNew || (deliveries.value.size === 0 && selected === undefined)) {
    return (
      <>
        <h1 tabIndex={-1}>Deliveries</h1>
        <Welcome />
      </>
    );
  }
  return (
    <div class={selected === undefined ? "split" : "split open"}>
      <h1 tabIndex={-1}>Deliveries</h1>
      <section class="list" aria-label="All deliveries">
        <FilterBar />
        <ListActions />
        <DeliveryList selected={selected} />
      </section>
      {selected !== undefined && <DeliveryDetailView key={selected} deliveryKey={selected} />}
    </div>
  );
}
