// Shows what the clinic pushes. It keeps nothing and opens pages of this portal only.
self.addEventListener("push", (event) => {
    let content = {};
    try {
        content = event.data.json();
    } catch {
        return;
    }
    event.waitUntil(
        self.registration.showNotification(content.title || "", content.options || {})
    );
});

self.addEventListener("notificationclick", (event) => {
    event.notification.close();
    const url = new URL(event.notification.data?.url || "/my", self.location.origin);
    if (url.origin === self.location.origin) {
        event.waitUntil(self.clients.openWindow(url.href));
    }
});
