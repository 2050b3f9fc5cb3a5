/* <theme-toggle>: light, dark or as the system says; kept in this browser. Loaded first, so that nothing flashes. */

const KEY = "unspoken-theme";
const kept = localStorage.getItem(KEY);
if (kept) document.documentElement.dataset.theme = kept;

class ThemeToggle extends HTMLElement {
  connectedCallback() {
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => this.start(), { once: true });
    else this.start();
  }

  start() {
    const select = this.querySelector("select");
    this.hidden = false;
    select.value = localStorage.getItem(KEY) ?? "";
    select.addEventListener("change", () => {
      if (select.value) localStorage.setItem(KEY, select.value);
      else localStorage.removeItem(KEY);
      document.documentElement.dataset.theme = select.value;
    });
  }
}

customElements.define("theme-toggle", ThemeToggle);
