// One place for what the page knows.  Parts read it, patch it, and are told of what changed.

/**
 * @template {object} S
 * @typedef {object} Store
 * @property {() => Readonly<S>} get
 * @property {(patch: Partial<S>) => void} set
 * @property {(keys: (keyof S)[], tell: (state: Readonly<S>) => void) => void} watch calls `tell` after a change of any of
 *   `keys`
 */

/**
 * @template {object} S
 * @param {S} state what is known at first
 * @returns {Store<S>}
 */
export function createStore(state) {
  /** @type {{keys: (keyof S)[], tell: (state: Readonly<S>) => void}[]} */
  const watchers = []
  return {
    get: () => state,
    set(patch) {
      const before = state
      state = { ...state, ...patch }
      const changed = /** @type {(keyof S)[]} */ (Object.keys(patch)).filter((key) => before[key] !== state[key])
      for (const { keys, tell } of watchers) if (keys.some((key) => changed.includes(key))) tell(state)
    },
    watch(keys, tell) {
      watchers.push({ keys, tell })
    },
  }
}
