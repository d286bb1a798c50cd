// Keeps the pages' shell for places without a network, and nothing else: no figure, no picture, no answer of the server.
// A page says which files it is made of; they are kept under the name of their build, and an older build goes.
const PREFIX = "linli-shell-";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("message", (event) => {
  const { keep, build } = event.data || {};
  if (!Array.isArray(keep) || !build) return;
  event.waitUntil(
    (async () => {
      const cache = await caches.open(PREFIX + build);
      await Promise.all(
        keep.map(async (url) => {
          if (url !== "/" && (await cache.match(url))) return;
          const reply = await fetch(url, { credentials: "same-origin" });
          if (reply.ok) await cache.put(url, reply);
        }),
      );
      for (const name of await caches.keys()) if (name.startsWith(PREFIX) && name !== PREFIX + build) await caches.delete(name);
      if (event.source) event.source.postMessage({ kept: true });
    })().catch(() => {}),
  );
});

const kept = (url) => caches.match(url, { ignoreSearch: true });

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    // A file to save or the interface's description is no page of ours.
    if (/^\/(api|media|docs|openapi)/.test(url.pathname)) return;
    event.respondWith(fetch(request).catch(async () => (await kept("/")) || Response.error()));
  } else if (/^\/(assets\/|favicon\.svg)/.test(url.pathname)) {
    event.respondWith(kept(url.pathname).then((file) => file || fetch(request)));
  }
});
