import { api } from "../api.js";
import { perform } from "../notices.js";
import { currentView, href } from "../navigation.js";
import { connection, speed } from "../state.js";
import { applyTheme, nextTheme, theme } from "../theme.js";
import { Icon } from "./shared/icon.js";

const links = [
  { view: "deliveries", label: "Deliveries" },
  { view: "send", label: "Send" },
  { view: "endpoints", label: "Endpoints" },
] as const;

const speeds: readonly (number | null)[] = [1, 10, 100, 1000, null];

/** The top of the page: navigation, connection, speed and theme. */
export function Header() {
  return (
    <header class="top">
      <p class="brand">
        <img src="/favicon.svg" alt="" width="22" height="22" />
        AhaSend <span>emulator</span>
      </p>
      <nav aria-label="Main">
        {links.map(({ view, label }) => (
          <a
            key={view}
            href={href({ view })}
            aria-current={currentView.value.view === view ? "page" : undefined}
          >
            {label}
          </a>
        ))}
      </nav>
      <div class="row controls">
        <Connection />
        <Speed />
        <button type="button" class="ghost" onClick={() => applyTheme(nextTheme())}>
          <Icon name={theme.value === "light" ? "sun" : theme.value === "dark" ? "moon" : "system"} />
          <span class="hidden">Theme: {theme.value}</span>
        </button>
      </div>
    </header>
  );
}

const connections = { connecting: "Connecting", live: "Live", lost: "Disconnected" } as const;

function Connection() {
  return (
    <span role="status" class={`connection ${connection.value}`}>
      {connections[connection.value]}
    </span>
  );
}

function Speed() {
  const current = speed.value;
  const options = speeds.includes(current) ? speeds : [current, ...speeds];
  return (
    <label class="speed" title="Divides the pauses before the next attempts">
      <span>Speed</span>
      <select
        value={String(current)}
        onChange={({ currentTarget: { value } }) =>
          void perform(() => api.setSpeed(value === "null" ? null : Number(value)))
        }
      >
        {options.map((each) => (
          <option key={each} value={String(each)}>
            {each === null ? "No pauses" : `${each}×`}
          </option>
        ))}
      </select>
    </label>
  );
}
