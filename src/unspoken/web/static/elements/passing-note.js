/* <passing-note>: a line that says what happened and leaves by itself, unless somebody is with it; it can be sent away. */

const STAYS = 15000;

class PassingNote extends HTMLElement {
  connectedCallback() {
    const button = document.createElement("button");
    button.className = "quiet small";
    button.type = "button";
    button.textContent = "Dismiss";
    button.addEventListener("click", () => this.remove());
    this.append(button);
    this.leave();
  }

  leave() {
    setTimeout(() => (this.matches(":hover, :focus-within") ? this.leave() : this.remove()), STAYS);
  }
}

customElements.define("passing-note", PassingNote);
