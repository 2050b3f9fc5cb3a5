/* <live-updates src="/live/events">: hears that something changed and asks for the affected fragments anew.

   A fragment says what it shows: data-live="queue conversation:cv_… contact:ct_… flags". The event holds ids only; what a
   member may see is decided where the HTML is made. A fragment in which somebody is at work (typing, choosing, a form
   half filled in) waits until they are done; what they unfolded stays unfolded. Flags are announced once, politely,
   without moving the focus. */

const SETTLE = 150;
const ONCE_IN = 10000; // one message may raise several flags: its conversation is announced once
const TYPING = "input:not([type=hidden]), textarea, select, details[open] *";

const changedByHand = (field) =>
  field.type === "hidden" ? false
    : "checked" in field && field.type !== "text" ? field.checked !== field.defaultChecked
    : "defaultValue" in field && field.value !== field.defaultValue;

function busy(fragment) {
  const active = document.activeElement;
  if (fragment.contains(active) && active.matches(TYPING)) return true;
  return [...fragment.querySelectorAll("input, textarea")].some(changedByHand);
}

class LiveUpdates extends HTMLElement {
  connectedCallback() {
    if (!window.EventSource) return;
    this.waiting = new Map();
    this.unfolded = new Set();
    this.announced = new Map();
    document.body.addEventListener("htmx:beforeSwap", (event) => this.beforeSwap(event.detail));
    document.body.addEventListener("htmx:afterSettle", () => this.unfold());
    this.events = new EventSource(this.getAttribute("src"));
    this.events.addEventListener("changed", (event) => this.changed(JSON.parse(event.data)));
    this.events.addEventListener("reload", () => this.refreshAll());
  }

  disconnectedCallback() {
    this.events?.close();
  }

  changed({ kind, conversation, contact, flag }) {
    const topics = new Set(kind === "tone.read" ? [`voice:${conversation}`] : ["queue"]);
    if (kind === "tone.read") conversation = contact = null; // every few seconds, and only the voice moves
    if (conversation) topics.add(`conversation:${conversation}`);
    if (contact) topics.add(`contact:${contact}`);
    if (flag || kind.startsWith("flag.")) topics.add("flags");
    for (const fragment of document.querySelectorAll("[data-live]")) {
      if (fragment.dataset.live.split(" ").some((topic) => topics.has(topic))) this.later(fragment);
    }
    if (kind === "flag.raised" && flag) this.announce(flag, conversation);
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
    if (busy(fragment)) this.whenDone(fragment);
    else window.htmx.trigger(fragment, "refresh");
  }

  whenDone(fragment) {
    fragment.addEventListener("focusout", () => this.later(fragment), { once: true });
  }

  beforeSwap(detail) {
    if (detail.requestConfig?.triggeringEvent?.type !== "refresh") return;
    if (busy(detail.target)) {
      detail.shouldSwap = false;
      this.whenDone(detail.target);
    }
    for (const details of detail.target.querySelectorAll("details[open][id]")) this.unfolded.add(details.id);
  }

  unfold() {
    for (const id of this.unfolded) document.getElementById(id)?.setAttribute("open", "");
    this.unfolded.clear();
  }

  announce(flag, conversation) {
    const now = Date.now();
    if (now - (this.announced.get(conversation) ?? 0) < ONCE_IN) return;
    this.announced.set(conversation, now);
    const region = document.getElementById("announcements");
    const address = this.dataset.announcement.replace("FLAG", encodeURIComponent(flag));
    if (region) window.htmx.ajax("GET", address, { target: region, swap: "afterbegin" });
  }
}

customElements.define("live-updates", LiveUpdates);
