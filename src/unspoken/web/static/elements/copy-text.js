/* <copy-text from="id">: its button copies the text of another element and says so. */

class CopyText extends HTMLElement {
  connectedCallback() {
    const button = this.querySelector("button");
    if (!navigator.clipboard) return;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(this.getAttribute("from")).textContent.trim());
      button.textContent = "Copied";
    });
  }
}

customElements.define("copy-text", CopyText);
