import { findArchitecture } from '@graft/domain/architecture';
import type { CardSubject } from './model-card.js';

/** Names of Keras' own applications, by ours. */
const APPLICATIONS: Readonly<Record<string, string>> = {
	vgg16: 'VGG16',
	resnet50: 'ResNet50',
	'inception-v3': 'InceptionV3',
	'mobilenet-v2': 'MobileNetV2',
};

const code = (language: string, ...lines: string[]) => [`\`\`\`${language}`, ...lines, '```'];

/** How the exported files are read in their own ecosystem. */
export function usage(subject: CardSubject): string[] {
	const { spec, format, readBy } = subject;
	const isText = findArchitecture(spec.backbone.architecture)?.modality === 'TEXT';
	switch (format) {
		case 'tfjs':
			if (isText) return graphModel(subject);
			return code(
				'js',
				"const model = await tf.loadLayersModel('…/model.json');",
				'const probabilities = model.predict(inputs);',
			);
		case 'h5':
			if (isText) return kerasModel(subject);
			return code(
				'python',
				'model = keras.models.load_model("model.h5", compile=False)',
				'probabilities = model.predict(inputs)',
			);
		case 'onnx':
			return code('python', 'session = onnxruntime.InferenceSession("model.onnx")', ...runSession(isText));
		case 'safetensors':
			return readBy === null ? withKeras(subject) : withTransformers(subject, readBy);
	}
}

const WHAT = (isLabelled: boolean): string => (isLabelled ? 'probabilities' : 'outputs');

/** The head that a language model has in Keras and TensorFlow.js, where a layer cannot read another one's table. */
const TIED =
	'The scores of tokens come from a layer of its own, which holds a copy of the embeddings: trained further here, the two part.';

function kerasModel({ spec: { dataset } }: CardSubject): string[] {
	const lines = code(
		'python',
		'model = keras.models.load_model("model.h5", compile=False)  # Keras 3.7 or newer',
		'tokens = transformers.AutoTokenizer.from_pretrained(".")(texts, truncation=True, padding=True, return_tensors="np")',
		`${WHAT(dataset.task === 'CLASSIFICATION')} = model.predict({name: tokens[name] for name in model.input})`,
	);
	return dataset.task === 'LANGUAGE_MODELING' ? [...lines, '', TIED] : lines;
}

const graphModel = ({ spec: { dataset } }: CardSubject): string[] =>
	code(
		'js',
		"const model = await tf.loadGraphModel('…/model.json');",
		'// ids and masks are texts x tokens: what a tokenizer of tokenizer.json gives, padded to one length.',
		'const rows = { input_ids: ids, attention_mask: mask, token_type_ids: segments };',
		"const inputs = model.inputs.map(({ name }) => [name, tf.tensor2d(rows[name], undefined, 'int32')]);",
		`const ${WHAT(dataset.task === 'CLASSIFICATION')} = model.predict(Object.fromEntries(inputs));`,
	);

const runSession = (isText: boolean): string[] =>
	isText
		? [
				'tokens = transformers.AutoTokenizer.from_pretrained(".")(texts, padding=True, return_tensors="np")',
				'names = [one.name for one in session.get_inputs()]',
				'outputs, = session.run(None, {name: tokens[name] for name in names})',
			]
		: ['probabilities, = session.run(None, {"input": inputs})'];

function withTransformers({ spec, headFile }: CardSubject, readBy: string): string[] {
	const lines = code(
		'python',
		'tokenizer = transformers.AutoTokenizer.from_pretrained(".")',
		`model = transformers.${readBy}.from_pretrained(".")`,
		'tokens = tokenizer(texts, truncation=True, padding=True, return_tensors="pt")',
		headFile === null ? 'logits = model(**tokens).logits' : 'features = model(**tokens)',
	);
	if (headFile !== null) {
		const what = `Hugging Face's library has no class with this head: ${headFile} holds its layers`;
		return [
			...lines,
			'',
			`${what}, \`head/<layer>/<variable>\`, kernels inputs x outputs; graft.json says which they are.`,
		];
	}
	const isFolded = readBy === 'GPT2ForSequenceClassification';
	const folded = "GPT-2's classifier has no bias: the head's is in `ln_f.bias`, which nothing else reads.";
	return isFolded && spec.backbone.architecture.startsWith('gpt2') ? [...lines, '', folded] : lines;
}

function withKeras({ spec }: CardSubject): string[] {
	const name = APPLICATIONS[spec.backbone.architecture];
	const names =
		'The tensors bear the names and shapes of Keras: `backbone/<layer>/<variable>` and `head/<layer>/<variable>`.';
	if (name === undefined) return [names];
	const shape = (spec.dataset.input.shape ?? spec.backbone.input.shape ?? []).join(', ');
	return [
		names,
		'',
		...code(
			'python',
			'tensors = safetensors.numpy.load_file("model.safetensors")',
			`backbone = keras.applications.${name}(weights=None, include_top=False, input_shape=(${shape}))`,
			'for layer in backbone.layers:',
			'    layer.set_weights([tensors[f"backbone/{layer.name}/{one.name}"] for one in layer.weights])',
		),
		'',
		"torchvision's and timm's networks of this name are others (biases, padding, where they stride), so that their names would be wrong.",
	];
}
