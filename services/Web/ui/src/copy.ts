/** Puts a copy button on each command that this part of the page shows. Browsers offer the clipboard on https and localhost only. */
export function copyButtons(part: ParentNode): void {
  if (!navigator.clipboard) return;
  for (const command of part.querySelectorAll<HTMLElement>("pre[data-copy]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.addEventListener("click", () => {
      void navigator.clipboard.writeText(command.querySelector("code")?.textContent ?? "").then(() => {
        button.textContent = "Copied";
        window.setTimeout(() => (button.textContent = "Copy"), 1500);
      });
    });
    command.append(button);
  }
}
