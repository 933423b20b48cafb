// What the pages' scripts find on the window.

interface Htmx {
  config: Record<string, unknown>;
  ajax(method: string, path: string, options: { values?: Record<string, unknown>; swap?: string }): Promise<void>;
  process(element: Element): void;
  trigger(element: Element, name: string): void;
}

interface Window {
  htmx: Htmx;
}

declare const htmx: Htmx;
declare const tus: typeof import("tus-js-client");
declare var pageLine: import("../js/line.js").Line | undefined;
