import { render } from "preact";

import { startClock } from "./clock.js";
import { App } from "./components/app.js";
import { watchEmulator } from "./live.js";
import { watchAddress } from "./navigation.js";
import { applyTheme } from "./theme.js";

const root = document.querySelector("#app");
if (root !== null) {
  applyTheme();
  watchAddress();
  startClock();
  watchEmulator();
  render(<App />, root);
}
