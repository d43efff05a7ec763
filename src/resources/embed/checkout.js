/* Fondaco embedded checkout, version 1. On any page:
 *   <div data-sellf-embed data-product-slug="my-product"></div>
 *   <script src="https://shop.example/embed/v1/checkout.js" async></script>
 * Further attributes: data-email, data-modal="true", data-button-label, data-show-price="true".
 * The account's publishable key of Stripe comes with the purchase; data-publishable-key replaces it. */
(function () {
  "use strict";
  var own = document.currentScript && document.currentScript.src;
  var base = own ? new URL(own).origin : location.origin;
  var STRIPE = "https://js.stripe.com/v3/";
  var loaded = {};

  function make(tag, props, children) {
    var node = document.createElement(tag);
    Object.keys(props || {}).forEach(function (name) {
      if (name === "style") node.style.cssText = props.style;
      else if (name in node) node[name] = props[name];
      else node.setAttribute(name, props[name]);
    });
    (children || []).forEach(function (child) { node.append(child); });
    return node;
  }

  function call(path, slug, body) {
    var url = base + path + "?productSlug=" + encodeURIComponent(slug);
    return fetch(url, {
      method: "POST",
      mode: "cors",
      credentials: "omit",
      headers: { "Content-Type": "application/json", "X-Sellf-Embed-Version": "1" },
      body: JSON.stringify(body)
    }).then(function (answer) {
      return answer.json().catch(function () { return {}; }).then(function (json) {
        if (!answer.ok) throw new Error(json.error || "This is not possible at the moment.");
        return json;
      });
    });
  }

  function price(product) {
    try {
      return new Intl.NumberFormat(undefined, { style: "currency", currency: product.currency }).format(product.price);
    } catch (_) {
      return product.price + " " + product.currency;
    }
  }

  function load(src, isModule, text) {
    loaded[src] = loaded[src] || new Promise(function (done, failed) {
      var props = { src: src, onload: done, onerror: function () { delete loaded[src]; failed(new Error(text)); } };
      if (isModule) props.type = "module";
      document.head.append(make("script", props));
    });
    return loaded[src];
  }

  function loadStripe() {
    if (window.Stripe) return Promise.resolve(window.Stripe);
    return load(STRIPE, false, "The payment form could not be loaded.").then(function () { return window.Stripe; });
  }

  /* Shows a shop's captcha; the promise is for what proves that it was solved. */
  function prove(place, captcha) {
    if (!captcha || captcha.provider === "none") return Promise.resolve(null);
    return load(captcha.scriptUrl, captcha.provider === "altcha", "The captcha could not be loaded.").then(function () {
      return new Promise(function (done, failed) {
        if (captcha.provider === "turnstile") {
          var box = make("div");
          place.append(box);
          window.turnstile.render(box, {
            sitekey: captcha.siteKey,
            callback: done,
            "error-callback": function () { failed(new Error("The captcha could not be solved.")); }
          });
          return;
        }
        var widget = make(captcha.widgetTag, {});
        widget.setAttribute("challengeurl", captcha.challengeUrl);
        widget.addEventListener("statechange", function (event) {
          if (event.detail.state === "verified") done(event.detail.payload);
        });
        place.append(widget);
      });
    });
  }

  function say(place, text) {
    place.replaceChildren(make("p", { role: "status", textContent: text }));
  }

  /* A payment page of the server's own, such as the sandbox's. */
  function showPage(place, url) {
    place.replaceChildren(
      make("iframe", { src: url, title: "Checkout", allow: "payment", style: "width:100%;min-height:36rem;border:0" }),
      make("p", {}, [make("a", { href: url, target: "_blank", rel: "noopener", textContent: "Open in a new tab" })])
    );
  }

  function showStripe(place, element, session) {
    var key = element.dataset.publishableKey || session.publishableKey;
    if (!key) return say(place, "This shop has not set its publishable key.");
    return loadStripe().then(function (Stripe) {
      return Stripe(key).initEmbeddedCheckout({ clientSecret: session.clientSecret });
    }).then(function (checkout) {
      place.replaceChildren();
      checkout.mount(place);
      return function () { checkout.destroy(); };
    });
  }

  function showFree(place, element, slug, session) {
    var email = make("input", { type: "email", name: "email", required: true, maxLength: 254, autocomplete: "email",
      placeholder: "Your e-mail", value: element.dataset.email || "" });
    /* Hidden from people, not from robots. */
    var trap = make("input", { type: "text", name: "website", tabIndex: -1, autocomplete: "off", "aria-hidden": "true",
      style: "position:absolute;left:-9999px" });
    var button = make("button", { type: "submit", textContent: element.dataset.buttonLabel || "Get " + session.product.name });
    var status = make("p", { role: "status" });
    var puzzle = make("div");
    var form = make("form", {}, [email, trap, puzzle, button, status]);
    var token = null;
    function ask() {
      puzzle.replaceChildren();
      prove(puzzle, session.captcha)
        .then(function (found) { token = found; })
        .catch(function (error) { status.textContent = error.message; });
    }
    ask();
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      button.disabled = true;
      var body = { productSlug: slug, email: email.value, website: trap.value };
      if (token) body.turnstileToken = token;
      call("/api/embed/free-access", slug, body)
        .then(function (answer) { say(place, answer.message); emit(element, "free", answer); })
        .catch(function (error) {
          status.textContent = error.message;
          button.disabled = false;
          if (token) { token = null; ask(); }
        });
    });
    place.replaceChildren(form);
  }

  function emit(element, name, detail) {
    element.dispatchEvent(new CustomEvent("sellf:" + name, { bubbles: true, detail: detail }));
  }

  function begin(element, slug, token) {
    var body = { productSlug: slug };
    if (token) body.turnstileToken = token;
    if (element.dataset.email) body.email = element.dataset.email;
    return call("/api/embed/checkout-session", slug, body);
  }

  function show(place, element, slug, session) {
    emit(element, "ready", session);
    if (session.kind === "free") return showFree(place, element, slug, session);
    if (session.kind === "paid_needs_captcha") {
      place.replaceChildren();
      return prove(place, session.captcha)
        .then(function (token) { return begin(element, slug, token); })
        .then(function (found) { return found.kind === "paid" ? show(place, element, slug, found) : say(place, "Try again."); });
    }
    if (session.clientSecret) return showStripe(place, element, session);
    if (session.url) return showPage(place, session.url);
    return say(place, "This is not possible at the moment.");
  }

  function run(place, element, slug, session) {
    say(place, "One moment…");
    return (session || begin(element, slug))
      .then(function (found) { return show(place, element, slug, found); })
      .catch(function (error) { say(place, error.message); emit(element, "error", { message: error.message }); });
  }

  function modal(element, slug, session) {
    var place = make("div");
    var close = make("button", { type: "button", textContent: "×", style: "float:right", "aria-label": "Close" });
    var dialog = make("dialog", { style: "width:min(34rem,92vw);border:0;border-radius:.5rem" }, [close, place]);
    var ended;
    close.addEventListener("click", function () { dialog.close(); });
    dialog.addEventListener("close", function () { if (ended) ended(); dialog.remove(); });
    document.body.append(dialog);
    dialog.showModal();
    run(place, element, slug, session).then(function (end) { ended = typeof end === "function" ? end : undefined; });
  }

  function mount(element) {
    var slug = element.dataset.productSlug;
    if (element.dataset.sellfMounted || !slug) return;
    element.dataset.sellfMounted = "true";
    var isModal = element.dataset.modal === "true";
    var showsPrice = element.dataset.showPrice === "true";
    if (!isModal && !element.dataset.buttonLabel && !showsPrice) {
      run(element, element, slug);
      return;
    }
    var label = element.dataset.buttonLabel || "Buy now";
    var button = make("button", { type: "button", textContent: label });
    /* The price comes with the purchase that is begun, so that it is the one that will be asked for. */
    var session = showsPrice ? begin(element, slug) : null;
    if (session) {
      session.then(function (found) {
        var text = found.kind === "free" ? "free" : price(found.product);
        button.textContent = label + " – " + text;
      }).catch(function () { session = null; });
    }
    button.addEventListener("click", function () {
      var begun = session;
      session = null;
      if (isModal) modal(element, slug, begun);
      else run(element, element, slug, begun);
    });
    element.replaceChildren(button);
  }

  function mountAll() {
    document.querySelectorAll("[data-sellf-embed]").forEach(mount);
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", mountAll);
  else mountAll();
  window.SellfEmbed = { mount: mount, mountAll: mountAll };
})();
