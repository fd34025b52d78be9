import { insertDataset } from '@graft/database/dataset';
import type { Dataset } from '@graft/domain/dataset';
import { type Conflict, conflict, type InvalidInput, invalidInput } from '@graft/domain/error';
import { newId } from '@graft/runtime/id';
import type { Context } from '../context/context.js';
import { refuseName, refuseUnstorable } from '../context/storable.js';
import type { RegisterDatasetInput } from '../contract/inputs.js';

/** Registering the same version under the same name again answers the dataset that is there. */
export async function registerDataset(
	context: Context,
	input: RegisterDatasetInput,
): Promise<Dataset | InvalidInput | Conflict> {
	const refused = refuseName(input.name) ?? refuseUnstorable({ ...input }) ?? refuseContent(input);
	if (refused !== null) return refused;
	const { inputShape, statistics = null, ...rest } = input;
	const stored = await insertDataset(context.database, {
		id: newId(),
		...rest,
		statistics,
		input: { shape: inputShape, preprocessing: null, tokenizer: null, maxLength: null },
	});
	if (stored.version === input.version) return stored;
	return conflict(
		`Another dataset is called ${input.name}: it has other bytes or other options (version ${stored.version.slice(0, 12)}, not ${input.version.slice(0, 12)}). Choose another name.`,
		'NAME_TAKEN',
	);
}

function refuseContent({ task, classes, splits, inputShape, modality, uri, format, version }: RegisterDatasetInput) {
	if (version.trim() === '') return invalidInput('version', 'The version is empty; it is the digest of the content.');
	if (!/^(builtin:|file:\/\/\/|https?:\/\/|s3:\/\/)/.test(uri))
		return invalidInput('uri', `The address begins with builtin:, file:///, https:// or s3://; ${uri} does not.`);
	if (format.trim() === '') return invalidInput('format', 'The format is empty; it says how the bytes are read.');
	if (
		modality === 'IMAGE' &&
		(inputShape?.length !== 3 || !inputShape.every((size) => Number.isInteger(size) && size > 0))
	)
		return invalidInput('inputShape', 'Images need a shape of height, width and channels.');
	if (task === 'LANGUAGE_MODELING' && (modality !== 'TEXT' || classes !== null))
		return invalidInput('task', 'LANGUAGE_MODELING is for texts without classes: the next token is what is learned.');
	if (splits.length === 0) return invalidInput('splits', 'The dataset has no split; training needs one named train.');
	if (new Set(splits.map(({ name }) => name)).size < splits.length)
		return invalidInput('splits', 'Two splits have the same name.');
	if (!splits.some(({ name, examples }) => name === 'train' && examples > 0))
		return invalidInput('splits', 'There is no split named train with an example in it.');
	// Null, and not an empty list: data without labels, which others may adapt to.
	return task === 'CLASSIFICATION' && classes !== null ? refuseClasses(classes, splits) : null;
}

function refuseClasses(classes: readonly string[], splits: RegisterDatasetInput['splits']): InvalidInput | null {
	if (new Set(classes).size < classes.length) return invalidInput('classes', 'Two classes have the same name.');
	if (classes.length < 2) {
		const found = classes.length === 0 ? 'none' : `only "${classes[0]}"`;
		return invalidInput(
			'classes',
			`A classification needs two classes at least; this dataset has ${found}.`,
			'ONE_CLASS',
		);
	}
	for (const [index, { name, examples, classCounts }] of splits.entries()) {
		const field = `splits[${index}].classCounts`;
		if (classCounts === null) continue;
		if (classCounts.length !== classes.length)
			return invalidInput(
				field,
				`The split ${name} counts ${classCounts.length} classes, the dataset has ${classes.length}.`,
			);
		if (classCounts.reduce((sum, count) => sum + count, 0) !== examples)
			return invalidInput(field, `The counts of the split ${name} do not sum to its ${examples} examples.`);
		const empty = classCounts.indexOf(0);
		if (name === 'train' && empty >= 0)
			return invalidInput(
				field,
				`The train split has no example of the class "${classes[empty]}": nothing can learn it.`,
			);
	}
	return null;
}
