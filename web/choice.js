// Runs in a function of Gradio's: element, props and trigger are its arguments.  What the character may be: anything, a
// known set, or the visitor's own, which is marked in the chart.
let own = ''

function settle() {
  const kind = element.querySelector(':checked').value
  const only = kind === 'own' ? own : kind
  document.dispatchEvent(new CustomEvent('only', {detail: {only, picking: kind === 'own'}}))
  if (only === props.value) return
  props.value = only
  trigger('input')
}

element.addEventListener('change', settle)
document.addEventListener('only-own', ({detail}) => { own = detail; settle() })
