// Keeps the page for use without a network: all of its files, taken once.  A new version is taken beside the old one and
// answers when no tab shows the old one any more.  `python -m train deploy --static` fills in both constants.

const VERSION = 'development'
const FILES = ['./']

const worker = /** @type {any} */ (self) // a ServiceWorkerGlobalScope, which TypeScript does not know beside a page
const PLACE = worker.registration.scope // other pages of the same host may have caches, too
const NAME = `${PLACE} ${VERSION}`

worker.addEventListener('install', (/** @type {any} */ event) => {
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(FILES.map(newest))))
})

worker.addEventListener('activate', (/** @type {any} */ event) => {
  event.waitUntil(forget().then(() => worker.clients.claim()))
})

worker.addEventListener('fetch', (/** @type {any} */ event) => {
  if (event.request.method !== 'GET') return
  const kept = caches.match(event.request, { cacheName: NAME, ignoreSearch: true })
  event.respondWith(kept.then((found) => found ?? fetch(event.request)))
})

/** The file as it is now, not as the browser had it earlier: modules of two versions may not fit. @param {string} file */
const newest = (file) => new Request(file, { cache: 'no-cache' })

async function forget() {
  const old = (await caches.keys()).filter((name) => name.startsWith(`${PLACE} `) && name !== NAME)
  await Promise.all(old.map((name) => caches.delete(name)))
}
