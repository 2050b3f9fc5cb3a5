/* <tell-trouble data-403="…" data-404="…" data-else="…" data-away="…">: says what could not be done, and what was kept. */

class TellTrouble extends HTMLElement {
  connectedCallback() {
    document.body.addEventListener("htmx:responseError", ({ detail }) => {
      this.tell(this.dataset[detail.xhr.status] ?? this.dataset.else);
    });
    document.body.addEventListener("htmx:sendError", () => this.tell(this.dataset.away));
  }

  tell(words) {
    const note = document.createElement("passing-note");
    const line = document.createElement("p");
    line.textContent = words;
    note.append(line);
    document.getElementById("announcements").replaceChildren(note);
  }
}

customElements.define("tell-trouble", TellTrouble);
