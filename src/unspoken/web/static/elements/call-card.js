/* <call-card>: a call under way or over; the key ? unfolds what is shown of it rests on.
   <call-clock since="…">3:12</call-clock>: how long the call has lasted, counted on while it lasts. */

const TYPING = "input, textarea, select, [contenteditable]";

class CallCard extends HTMLElement {
  connectedCallback() {
    this.unfold = (event) => {
      if (event.key !== "?" || event.ctrlKey || event.metaKey || event.altKey || event.target.matches?.(TYPING)) return;
      const details = this.querySelector("details");
      if (!details) return;
      details.open = !details.open;
      details.querySelector("summary").focus();
    };
    document.addEventListener("keydown", this.unfold);
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.unfold);
  }
}

class CallClock extends HTMLElement {
  connectedCallback() {
    this.since = Date.parse(this.getAttribute("since"));
    if (Number.isNaN(this.since)) return;
    this.timer = setInterval(() => this.show(), 1000);
    this.show();
  }

  disconnectedCallback() {
    clearInterval(this.timer);
  }

  show() {
    const seconds = Math.max(0, Math.floor((Date.now() - this.since) / 1000));
    this.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }
}

customElements.define("call-card", CallCard);
customElements.define("call-clock", CallClock);
