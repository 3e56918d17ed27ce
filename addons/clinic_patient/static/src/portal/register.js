// Only below /my: the rest of the website is nobody's app.
if (
    "serviceWorker" in navigator &&
    /^(\/[a-z_A-Z]{2,5})?\/my(\/|$)/.test(location.pathname)
) {
    navigator.serviceWorker
        .register("/my/service-worker.js", {scope: "/my"})
        .catch(() => {
            // A browser that refuses has no app; the pages work all the same.
        });
}
