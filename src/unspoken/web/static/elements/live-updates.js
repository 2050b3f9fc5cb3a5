/* <live-updates src="/live/events">: hears that something changed and asks for the affected fragments anew.

   A fragment says what it shows: data-live="queue conversation:cv_… contact:ct_… flags". The event holds ids only; what a
   member may see is decided where the HTML is made. A fragment in which somebody is typing or has something open waits
   until they are done. Flags are announced once, politely, without moving the focus. */

const SETTLE = 150;
const TYPING = "input:not([type=hidden]), textarea, select, details[open] *";

class LiveUpdates extends HTMLElement {
  connectedCallback() {
    if (!window.EventSource) return;
    this.waiting = new Map();
    this.events = new EventSource(this.getAttribute("src"));
    this.events.addEventListener("changed", (event) => this.changed(JSON.parse(event.data)));
    this.events.addEventListener("reload", () => this.refreshAll());
  }

  disconnectedCallback() {
    this.events?.close();
  }

  changed({ kind, conversation, contact, flag }) {
    const topics = new Set(["queue"]);
    if (conversation) topics.add(`conversation:${conversation}`);
    if (contact) topics.add(`contact:${contact}`);
    if (flag || kind.startsWith("flag.")) topics.add("flags");
    for (const fragment of document.querySelectorAll("[data-live]")) {
      if (fragment.dataset.live.split(" ").some((topic) => topics.has(topic))) this.later(fragment);
    }
    if (kind === "flag.raised" && flag) this.announce(flag);
  }

  refreshAll() {
    for (const fragment of document.querySelectorAll("[data-live]")) this.later(fragment);
  }

  later(fragment) {
    if (this.waiting.has(fragment)) return;
    this.waiting.set(fragment, setTimeout(() => this.refresh(fragment), SETTLE));
  }

  refresh(fragment) {
    this.waiting.delete(fragment);
    if (!fragment.isConnected) return;
    if (fragment.contains(document.activeElement) && document.activeElement.matches(TYPING)) {
      fragment.addEventListener("focusout", () => this.later(fragment), { once: true });
      return;
    }
    window.htmx.trigger(fragment, "refresh");
  }

  announce(flag) {
    const region = document.getElementById("announcements");
    const address = this.dataset.announcement.replace("FLAG", encodeURIComponent(flag));
    if (region) window.htmx.ajax("GET", address, { target: region, swap: "afterbegin" });
  }
}

customElements.define("live-updates", LiveUpdates);
