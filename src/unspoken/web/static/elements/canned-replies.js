/* <canned-replies for="reply-text">: a chosen reply goes into the box at the cursor, without loading the page anew. */

class CannedReplies extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", (event) => {
      const link = event.target.closest("a[data-text]");
      const box = document.getElementById(this.getAttribute("for"));
      if (!link || !box) return;
      event.preventDefault();
      box.setRangeText(link.dataset.text, box.selectionStart, box.selectionEnd, "end");
      this.querySelector("details")?.removeAttribute("open");
      box.focus();
    });
  }
}

customElements.define("canned-replies", CannedReplies);
