/* <local-time><time datetime="…">3 min ago</time></local-time>: the server's words, kept fresh, absolute time on hover. */

const absolute = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });
const day = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const short = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const long = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });

function relative(moment, now) {
  const seconds = (now - moment) / 1000;
  const size = Math.abs(seconds);
  const say = (number, unit) => (seconds < 0 ? `in ${number} ${unit}` : `${number} ${unit} ago`);
  if (size < 45) return seconds < 0 ? "in a moment" : "just now";
  if (size < 5400) return say(Math.max(1, Math.round(size / 60)), "min");
  if (size < 86400) return say(Math.round(size / 3600), "h");
  if (size < 7 * 86400) return say(Math.round(size / 86400), Math.round(size / 86400) === 1 ? "day" : "days");
  return (size < 300 * 86400 ? short : long).format(moment);
}

class LocalTime extends HTMLElement {
  connectedCallback() {
    this.time = this.querySelector("time");
    this.moment = new Date(this.time?.dateTime);
    if (!this.time || Number.isNaN(this.moment.getTime())) return;
    this.time.title = absolute.format(this.moment);
    this.show();
    if (this.getAttribute("as") === null) this.timer = setInterval(() => this.show(), 30000);
  }

  disconnectedCallback() {
    clearInterval(this.timer);
  }

  show() {
    const forms = { clock: () => clock.format(this.moment), day: () => day.format(this.moment) };
    this.time.textContent = (forms[this.getAttribute("as")] ?? (() => relative(this.moment, Date.now())))();
  }
}

customElements.define("local-time", LocalTime);
