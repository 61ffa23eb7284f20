/** Puts a copy button on each command the page shows. */
export function copyButtons(): void {
  for (const command of document.querySelectorAll<HTMLElement>("pre[data-copy]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.addEventListener("click", () => {
      void navigator.clipboard.writeText(command.querySelector("code")?.innerText ?? "").then(() => {
        button.textContent = "Copied";
        window.setTimeout(() => (button.textContent = "Copy"), 1500);
      });
    });
    command.append(button);
  }
}
