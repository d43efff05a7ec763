// A page of straw: just enough of a document for the script to mount on.
function Node(tag) {
  return {
    tag, dataset: {}, children: [], style: {}, textContent: "",
    append(...nodes) { this.children.push(...nodes); },
    replaceChildren(...nodes) { this.children = nodes; },
    setAttribute(name, value) { this[name] = value; },
    addEventListener() {}, dispatchEvent() {},
  };
}
const place = Node("div");
place.dataset.productSlug = "gift";
const asked = [];
globalThis.document = {
  readyState: "complete",
  currentScript: { src: "https://shop.test/embed/v1/checkout.js" },
  createElement: Node, head: Node("head"), body: Node("body"),
  querySelectorAll: () => [place],
};
globalThis.window = globalThis;
globalThis.location = { origin: "https://page.test" };
globalThis.CustomEvent = function CustomEvent() {};
globalThis.fetch = (url) => {
  asked.push(url);
  const body = { kind: "free", product: { slug: "gift", name: "Gift", price: 0, currency: "USD" }, captcha: { provider: "none" } };
  return Promise.resolve({ ok: true, json: () => Promise.resolve(body) });
};
new Function(/*SCRIPT*/)();
setTimeout(() => {
  const form = place.children[0];
  console.log(form && form.tag === "form" ? "mounted and asked " + asked.join() : "nothing mounted");
}, 20);
