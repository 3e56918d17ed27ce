// Looks after /my when there is no connection. It keeps the page that says so and
// nothing else: pages of one's own are never stored.
const CACHE = "clinic-portal-1";
const OFFLINE = "/my/offline";

self.addEventListener("install", (event) => {
    event.waitUntil(
        caches
            .open(CACHE)
            .then((cache) => cache.add(new Request(OFFLINE, {credentials: "omit"})))
    );
    self.skipWaiting();
});

self.addEventListener("activate", (event) => {
    event.waitUntil(
        caches
            .keys()
            .then((names) =>
                Promise.all(
                    names
                        .filter((name) => name !== CACHE)
                        .map((name) => caches.delete(name))
                )
            )
    );
    self.clients.claim();
});

self.addEventListener("fetch", (event) => {
    if (event.request.mode === "navigate" && event.request.method === "GET") {
        event.respondWith(
            fetch(event.request).catch(() => caches.match(OFFLINE, {cacheName: CACHE}))
        );
    }
});
