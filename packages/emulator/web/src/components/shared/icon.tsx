const paths = {
  arrow: "M3 8h9M8.5 4.5 12 8l-3.5 3.5",
  ban: "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11M4.2 4.2l7.6 7.6",
  check: "m3 8.5 3.2 3.2L13 4.8",
  clock: "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11M8 5v3.2l2 1.3",
  copy: "M5.5 5.5h7v7h-7zM3.5 10.5v-7h7",
  cross: "m4 4 8 8M12 4l-8 8",
  download: "M8 2.5v7.5M4.8 7 8 10.2 11.2 7M3 13h10",
  left: "M9.8 3.5 5.3 8l4.5 4.5",
  moon: "M13 9.4A5.3 5.3 0 0 1 6.6 3 5.4 5.4 0 1 0 13 9.4",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  play: "M5 3.2v9.6L12.6 8z",
  plus: "M8 3v10M3 8h10",
  retry: "M13 4v3.2H9.8M12.6 7A5 5 0 1 0 13 9.4",
  send: "M2.5 8.2 13.5 3l-3 10.2-3-4zm5 1L13.5 3",
  sun: "M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6M8 1.5v1.2M8 13.3v1.2M1.5 8h1.2M13.3 8h1.2M3.4 3.4l.9.9M11.7 11.7l.9.9M12.6 3.4l-.9.9M4.3 11.7l-.9.9",
  system: "M2.5 3.5h11v7h-11zM6 13h4M8 10.5V13",
} as const;

/** The name of an icon. */
export type IconName = keyof typeof paths;

/** A decorative icon: the text beside it says the same. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}
