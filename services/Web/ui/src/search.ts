import { copyButtons } from "./copy";

/** Replaces the results while the reader types. The server renders the same page; only its results are taken over. */
export function searchAsYouType(): void {
  const form = document.querySelector<HTMLFormElement>("form[data-search]");
  const results = document.querySelector<HTMLElement>("[data-results]");
  if (!form || !results) return;

  let running: AbortController | undefined;
  let timer: number | undefined;

  async function refresh(): Promise<void> {
    running?.abort();
    running = new AbortController();
    const query = new URLSearchParams();
    for (const [name, value] of new FormData(form!)) if (value !== "") query.append(name, String(value));
    const address = query.size > 0 ? `/?${query}` : "/";
    try {
      const answer = await fetch(address, { signal: running.signal, headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("[data-results]");
      if (!fresh) return;
      results!.replaceChildren(...fresh.childNodes);
      copyButtons(results!);
      history.replaceState(null, "", address);
    } catch {
      // Aborted by the next key, or offline: what is shown stays, and the form still submits.
    }
  }

  form.addEventListener("input", () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void refresh(), 150);
  });
}
