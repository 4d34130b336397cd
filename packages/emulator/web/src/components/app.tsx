import { useEffect, useRef } from "preact/hooks";

import { type View, currentView, href } from "../navigation.js";
import { connection } from "../state.js";
import { DeliveriesView } from "./deliveries/deliveries-view.js";
import { EndpointsView } from "./endpoints/endpoints-view.js";
import { Header } from "./header.js";
import { NoticeBar } from "./notice-bar.js";
import { SendView } from "./send/send-view.js";

const titles = { deliveries: "Deliveries", send: "Send an event", endpoints: "Endpoints" } as const;

/** The page. */
export function App() {
  const current = currentView.value;
  const main = useRef<HTMLElement>(null);
  const last = useRef<View | undefined>(undefined);

  useEffect(() => {
    document.title = `${titles[current.view]} · AhaSend emulator`;
    if (last.current !== undefined && main.current !== null) moveFocus(main.current, last.current);
    last.current = current;
  }, [current]);

  return (
    <>
      <a class="skip" href="#main" onClick={(event) => (event.preventDefault(), main.current?.focus())}>
        Skip to content
      </a>
      <Header />
      {connection.value === "lost" && (
        <p class="banner">The emulator is not running. Start it again: this page reconnects by itself.</p>
      )}
      <main ref={main} id="main" tabIndex={-1}>
        {current.view === "deliveries" && <DeliveriesView selected={current.key} />}
        {current.view === "send" && <SendView from={current.from} />}
        {current.view === "endpoints" && <EndpointsView />}
      </main>
      <NoticeBar />
    </>
  );
}

/** Moves the focus to the new content, or back to the delivery it left, for keyboards and screen readers. */
function moveFocus(main: HTMLElement, last: View): void {
  const left = main.querySelector<HTMLElement>(`a.delivery[href="${href(last)}"]`);
  const target = main.querySelector<HTMLElement>(".detail") ?? left ?? main.querySelector("h1");
  if (target === null) return;
  target.focus({ preventScroll: true });
  if (target === left) target.scrollIntoView({ block: "center" });
  else if (target.getBoundingClientRect().top < 0) target.scrollIntoView();
}
