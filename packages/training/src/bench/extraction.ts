import { performance } from 'node:perf_hooks';
import { type BackendPreference, releaseBackend, selectBackend } from '../backend/index.js';
import { initialWeights } from '../network/initial-weights.js';
import { buildNetwork } from '../network/network.js';
import { writeSafetensors } from '../safetensors/index.js';
import { collect } from '../testing/collect.js';
import { MEASURED, noise, noiseRun } from './noise-run.js';

/** A whole run of feature extraction on ResNet50 with a hidden layer of 256; prints its seconds. */
const [dataDir = '.graft', backend = 'auto', count = '32', epochs = '5', classes = '10'] = process.argv.slice(2);
console.error((await selectBackend(backend as BackendPreference, dataDir)).reason);
const strategy = { kind: 'FEATURE_EXTRACTION' } as const;
const head = { pooling: 'average', hidden: [256], dropout: 0 } as const;
const settings = { head, epochs: Number(epochs), pretrained: true };
const spec = noiseRun('resnet50', strategy, Number(classes), settings);
const weights = writeSafetensors(initialWeights(buildNetwork(spec), 0, null), {});
const names = spec.dataset.classes ?? [];
const labels = Int32Array.from({ length: Number(count) }, (_, index) => index % names.length);
const none = { count: 0, inputs: new Float32Array(), labels: new Int32Array() };
const train = { count: labels.length, inputs: noise('resnet50', labels.length), labels };
const shape = { inputShape: [...MEASURED.resnet50], version: 'noise', classes: names, attribution: null };
const begin = performance.now();
await collect(spec, weights, { dataset: { ...shape, splits: { train, validation: none, test: none } } });
console.log((performance.now() - begin) / 1000);
releaseBackend();
