// Keeps the page for use without a network: all of its files, taken once.  A new version is taken beside the old one and
// answers when no tab shows the old one any more.  `python -m train deploy --static` fills in both constants.

const VERSION = 'development'
const FILES = ['./']

const worker = /** @type {any} */ (self) // a ServiceWorkerGlobalScope, which TypeScript does not know beside a page

worker.addEventListener('install', (/** @type {any} */ event) => {
  event.waitUntil(caches.open(VERSION).then((cache) => cache.addAll(FILES)))
})

worker.addEventListener('activate', (/** @type {any} */ event) => {
  event.waitUntil(forget().then(() => worker.clients.claim()))
})

worker.addEventListener('fetch', (/** @type {any} */ event) => {
  if (event.request.method !== 'GET') return
  event.respondWith(caches.match(event.request, { ignoreSearch: true }).then((kept) => kept ?? fetch(event.request)))
})

async function forget() {
  const old = (await caches.keys()).filter((name) => name !== VERSION)
  await Promise.all(old.map((name) => caches.delete(name)))
}
