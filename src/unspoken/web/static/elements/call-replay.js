/* <call-replay>: the kept recording of a call, replayed in step with what is shown of it.

   While it plays, a mark moves along the curve, and the line that is being said is marked in the transcript
   (aria-current) and stands below the player; the page itself never scrolls. A click on a time (data-second) or into
   the curve plays from there. Without this script the player alone works. */

const SVG = "http://www.w3.org/2000/svg";

class CallReplay extends HTMLElement {
  connectedCallback() {
    this.audio = this.querySelector("audio");
    if (!this.audio) return;
    if (this.leaving) this.redraw();
    this.leaving = new AbortController();
    const until = { signal: this.leaving.signal };
    for (const name of ["timeupdate", "seeking", "ended"]) this.audio.addEventListener(name, () => this.follow(), until);
    document.addEventListener("click", (event) => this.clicked(event), until);
    document.body.addEventListener("htmx:afterSettle", () => this.settle(), until);
    this.settle();
  }

  disconnectedCallback() {
    this.leaving?.abort();
  }

  redraw() {
    this.audio.controls = false; // moved to its place in a refreshed page, the player goes on but is drawn empty
    this.audio.controls = true;
  }

  get curve() {
    return this.closest("call-card")?.querySelector("svg.voice");
  }

  settle() {
    for (const time of document.querySelectorAll("span[data-second]")) time.replaceWith(this.button(time));
    if (this.audio.currentTime) this.follow();
  }

  button(time) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = `link ${time.className}`;
    made.dataset.second = time.dataset.second;
    made.textContent = time.textContent;
    made.title = "Play from here";
    made.setAttribute("aria-label", `Play from ${time.textContent}`);
    return made;
  }

  clicked(event) {
    const time = event.target.closest("button[data-second]");
    if (time) this.playFrom(Number(time.dataset.second));
    else if (this.curve?.contains(event.target) && !event.target.closest("a")) this.playFrom(this.secondAt(event.clientX));
  }

  secondAt(clientX) {
    const { left, width } = this.curve.getBoundingClientRect();
    const { length, edge } = this.curve.dataset;
    const whole = this.curve.viewBox.baseVal.width;
    const share = (((clientX - left) / width) * whole - edge) / (whole - 2 * edge);
    return Math.min(1, Math.max(0, share)) * length;
  }

  playFrom(second) {
    this.audio.currentTime = second;
    this.audio.play().catch(() => {}); // the player itself says what is wrong
    this.follow();
  }

  follow() {
    this.mark();
    this.say();
  }

  mark() {
    const curve = this.curve;
    if (!curve) return;
    let line = curve.querySelector(".now");
    if (!line) {
      line = document.createElementNS(SVG, "line");
      line.setAttribute("class", "now");
      line.setAttribute("y1", 0);
      line.setAttribute("y2", curve.viewBox.baseVal.height);
      curve.append(line);
    }
    const { length, edge } = curve.dataset;
    const x = Number(edge) + (curve.viewBox.baseVal.width - 2 * edge) * Math.min(1, this.audio.currentTime / length);
    line.setAttribute("x1", x);
    line.setAttribute("x2", x);
  }

  say() {
    const said = [...document.querySelectorAll("[data-begins]")].filter((one) => Number(one.dataset.begins) <= this.audio.currentTime);
    const last = this.audio.ended ? null : said.at(-1);
    for (const one of document.querySelectorAll("[data-begins][aria-current]")) {
      if (one !== last) one.removeAttribute("aria-current");
    }
    const words = this.querySelector(".replay-words");
    words.hidden = !last;
    if (!last || last.hasAttribute("aria-current")) return;
    last.setAttribute("aria-current", "true");
    words.firstElementChild.href = `#${last.id}`;
    words.firstElementChild.textContent = `${last.querySelector(".by b").textContent}: ${last.querySelector(".said").textContent}`;
  }
}

customElements.define("call-replay", CallReplay);
