// Writes exports of every architecture and format, with inputs and the outputs of our own network, for check-exports.py:
// a second argument takes only architectures with it in their names.
//   node packages/training/scripts/write-exports.mjs FOLDER && python packages/training/scripts/check-exports.py FOLDER
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { selectBackend } from '../dist/backend/index.js';
import { exportRun } from '../dist/export/index.js';
import { exportCase, FACTS } from '../dist/testing/export-case.js';
import { drawByName } from '../dist/testing/synthetic-weights.js';
import { tokenizerFromMerges } from '../dist/tokenizer/from-merges.js';
import { tokenizerFromVocabulary } from '../dist/tokenizer/from-vocabulary.js';
import { parseTokenizer } from '../dist/tokenizer/index.js';

const [folder, only = ''] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
await selectBackend('wasm', folder);

const dense = {
	pooling: 'average',
	inputDropout: 0.1,
	dropout: 0.2,
	hidden: [{ units: 7, activation: 'gelu', dropout: 0 }, 5],
};
const flat = { ...dense, pooling: 'flatten', hidden: [{ units: 6, activation: 'tanh', dropout: 0.1 }] };
const linear = { pooling: 'average', dropout: 0.1, hidden: [] };
const images = ['tfjs', 'h5', 'onnx', 'safetensors'];
const texts = ['tfjs', 'h5', 'onnx', 'safetensors'];
const CASES = [
	['small-cnn', [8, 8, 1], flat, images],
	['vgg16', [32, 32, 3], dense, images],
	['resnet50', [64, 64, 3], dense, images],
	['inception-v3', [75, 75, 3], linear, images],
	['mobilenet-v2', [64, 64, 3], { ...linear, pooling: 'max' }, images],
	['bert-L2-H8-A2-F12-V20-P8', [3, 6], linear, texts],
	['bert-L2-H8-A2-F12-V20-P8', [3, 6], { ...linear, hidden: [5] }, texts],
	['distilbert-L2-H8-A2-F12-V20-P8', [3, 6], { ...linear, hidden: [8] }, texts],
	['gpt2-L2-H8-A2-F12-V20-P8', [3, 6], linear, texts],
	['gpt2-L2-H8-A2-F12-V20-P8', [3, 6], { ...linear, tied: true }, texts, null],
	['gpt2-L2-H8-A2-F12-V20-P8', [3, 6], { ...linear, tied: false }, texts, null],
];
const COUNT = 2;
const LABELS = ['cat', 'dog', 'owl'];
const SENTENCES = ['want low lowest', 'unwanted'];
const WORDS = '[PAD] [UNK] [CLS] [SEP] [MASK] want ##want ##ed wa un runn ##ing , low lowest a b c d e'.split(' ');
const PAIRS = ['w a', 'n t', 'wa nt', 'l o', 'lo w', 'e s', 'u n', 'es t'];
const BYTES = [...'wantloesudĠ', 'wa', 'nt', 'want', 'lo', 'low', 'es', 'un', 'est', '<|endoftext|>'];
const bytesOf = (json) => new TextEncoder().encode(JSON.stringify(json));
const WORD_PIECES = bytesOf(tokenizerFromVocabulary(WORDS.join('\n'), { lowercase: true }));
const BYTE_PAIRS = bytesOf(
	tokenizerFromMerges(Object.fromEntries(BYTES.map((one, id) => [one, id])), PAIRS.join('\n'), { prefixSpace: false }),
);

/** ids, mask and segments of each sentence. */
function rowsOf(bytes, length) {
	const tokenizer = parseTokenizer(bytes);
	const padded = (row, by) => [...row, ...Array(length - row.length).fill(by)];
	return SENTENCES.flatMap((text) => {
		const { ids, segments } = tokenizer.encode(text, null, length);
		return [padded(ids, tokenizer.paddingId), padded(Array(ids.length).fill(1), 0), padded(segments, 0)].flat();
	});
}

const all = [];
for (const [number, [architecture, shape, head, formats, labels = LABELS]] of CASES.entries()) {
	if (!architecture.includes(only)) continue;
	const one = exportCase(architecture, shape, head, labels);
	const isText = shape[0] === 3;
	const tokenizer = isText ? (architecture.startsWith('gpt2') ? BYTE_PAIRS : WORD_PIECES) : null;
	const inputs = isText ? Float32Array.from(rowsOf(tokenizer, shape[1])) : drawByName('inputs', [COUNT, ...shape]);
	const logits = await one.logits(inputs, COUNT);
	for (const format of formats) {
		const at = `${number}-${architecture}-${format}`;
		const { readBy, headFile } = await exportRun({
			...one,
			facts: FACTS,
			tokenizer,
			format,
			folder: path.join(folder, at),
		});
		const about = {
			architecture,
			format,
			folder: at,
			readBy,
			headFile,
			head,
			isText,
			sentences: isText ? SENTENCES : [],
		};
		all.push({ ...about, shape: [COUNT, ...shape], inputs: [...inputs], logits: [...logits] });
	}
	console.log(architecture);
}
writeFileSync(path.join(folder, 'cases.json'), JSON.stringify(all));
process.exit(0);
