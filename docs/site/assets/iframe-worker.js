// Search in a page that was opened from disk. Browsers start no worker there, so the worker's
// script runs in a hidden frame instead. The name is the one by which the builder knows that such
// a script is given, and adds no address of its own.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(address) {
      super();
      this.waiting = [];
      this.frame = document.createElement("iframe");
      this.frame.hidden = true;
      this.frame.title = "search";
      document.body.appendChild(this.frame);
      const inside = this.frame.contentWindow;
      const answer = (data) => {
        const message = new MessageEvent("message", { data });
        this.dispatchEvent(message);
        if (this.onmessage) this.onmessage(message);
      };
      // a worker's messages are copies: neither side may change what the other holds
      inside.postMessage = (data) => {
        const copy = structuredClone(data);
        setTimeout(() => answer(copy));
      };
      inside.importScripts = (...addresses) =>
        Promise.all(addresses.map((one) => this.load(new URL(one, address).href)));
      this.load(new URL(address, location.href).href).then(() => {
        const late = this.waiting;
        this.waiting = null;
        late.forEach((data) => this.postMessage(data));
      });
    }
    load(address) {
      return new Promise((done, failed) => {
        const script = this.frame.contentDocument.createElement("script");
        script.src = address;
        script.onload = done;
        script.onerror = failed;
        this.frame.contentDocument.body.appendChild(script);
      });
    }
    postMessage(data) {
      if (this.waiting) return void this.waiting.push(data);
      const inside = this.frame.contentWindow;
      const copy = structuredClone(data);
      setTimeout(() => inside.dispatchEvent(new inside.MessageEvent("message", { data: copy })));
    }
    terminate() {
      this.frame.remove();
    }
  };
}
