import { selectBackend } from '../dist/backend/index.js';
import { digits, run, specOf } from './recipe.mjs';

console.log(await selectBackend('wasm'));
const head = { pooling: 'average', hidden: [], dropout: 0 };
const pre = await digits(['0', '1', '2', '3', '4', '5']);
const spec = specOf({
	dataset: pre,
	strategy: { kind: 'FROM_SCRATCH', learningRate: 1e-3 },
	head,
	epochs: 12,
	batchSize: 32,
	seed: 1,
});
const t = performance.now();
const r = await run(spec, null, {
	onMetrics: (ps) =>
		console.log(ps.map((p) => `${p.key} ${p.value.toFixed(4)}`).join(' '), Math.round(performance.now() - t)),
	onEvent: (e) => console.log(e.kind, e.message),
	onLog: console.log,
});
console.log(r.summary, r.steps, r.verification, r.checkpoint.length);
