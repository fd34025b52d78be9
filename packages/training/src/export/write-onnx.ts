import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type ExportedModel, endsInClasses, PROBABILITIES } from './exported-model.js';
import { onnxGraph } from './onnx-graph.js';
import { attribute, encode, integer, message, nested, node, text, value } from './onnx-message.js';

const FILE = 'model.onnx';
/** The oldest versions that have all operators as they are written here, for the most readers. */
const [IR_VERSION, OPSET] = [7, 13];

/** An ONNX model of the network, from what it reads to probabilities, a regression's number or scores of tokens. */
export async function writeOnnx(model: ExportedModel, folder: string): Promise<string[]> {
	const { nodes, initializers, inputs, output } = onnxGraph(model);
	const last = endsInClasses(model) ? PROBABILITIES : output.name;
	const softmax = node('Softmax', [output.name], last, [attribute('axis', -1)]);
	const all = endsInClasses(model) ? [...nodes, softmax] : nodes;
	const graph = message(
		...all.map((one) => nested(1, one)),
		text(2, 'graft'),
		...initializers.map((one) => nested(5, one)),
		...inputs.map(({ name, sizes, isWhole }) => nested(11, value(name, sizes, isWhole))),
		nested(12, value(last, output.sizes)),
	);
	const labels = JSON.stringify(model.spec.dataset.classes ?? []);
	const whole = message(
		integer(1, IR_VERSION),
		text(2, 'Graft'),
		nested(7, graph),
		nested(8, message(text(1, ''), integer(2, OPSET))),
		nested(14, message(text(1, 'labels'), text(2, labels))),
	);
	await writeFile(path.join(folder, FILE), encode(whole));
	return [FILE];
}
