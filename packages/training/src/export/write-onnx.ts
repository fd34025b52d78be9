import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ExportedModel } from './exported-model.js';
import { constantTensor, encode, integer, message, nested, node, text, value } from './onnx-message.js';
import { operatorGraph } from './operator-graph.js';

const FILE = 'model.onnx';
/** The oldest versions that have all operators as they are written here, for the most readers. */
const [IR_VERSION, OPSET] = [7, 13];

/** An ONNX model of the network. */
export async function writeOnnx(model: ExportedModel, folder: string): Promise<string[]> {
	const { operators, constants, inputs, output } = operatorGraph(model);
	const graph = message(
		...operators.map((one) => nested(1, node(one))),
		text(2, 'graft'),
		...constants.map((one) => nested(5, constantTensor(one))),
		...inputs.map(({ name, sizes, isWhole }) => nested(11, value(name, sizes, isWhole))),
		nested(12, value(output.name, output.sizes)),
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
