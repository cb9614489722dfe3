// What an ONNX file tells about itself.  Its format is Protocol Buffers: fields of a number, a kind and a value.

const METADATA = 14 // ModelProto.metadata_props, each an entry of key (1) and value (2)

/**
 * @param {Uint8Array} file
 * @returns {Record<string, any>} its metadata properties, which this library writes as JSON
 */
export function metadata(file) {
  /** @type {Record<string, any>} */
  const found = {}
  for (const [number, entry] of fields(file)) {
    if (number !== METADATA) continue
    const pair = new Map(fields(entry))
    found[text(pair.get(1))] = JSON.parse(text(pair.get(2)))
  }
  return found
}

/** @param {Uint8Array | undefined} bytes */
const text = (bytes) => new TextDecoder().decode(bytes)

/**
 * @param {Uint8Array} bytes
 * @returns {Generator<[number, Uint8Array]>} number and content of each field that has a length; the others are numbers
 */
function* fields(bytes) {
  let at = 0
  function varint() {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at++]
      if (byte === undefined) throw new Error('this is no ONNX file')
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
  }
  while (at < bytes.length) {
    const tag = varint()
    const kind = tag & 7
    if (kind === 0) varint()
    else if (kind === 1) at += 8
    else if (kind === 5) at += 4
    else if (kind === 2) {
      const length = varint()
      if (at + length > bytes.length) throw new Error('this ONNX file is damaged')
      yield [tag >> 3, bytes.subarray(at, at + length)]
      at += length
    } else throw new Error('this is no ONNX file')
  }
}
