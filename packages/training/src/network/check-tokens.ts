import { TOKEN_ROWS } from '@graft/domain/architecture';
import { GraftError } from '@graft/domain/error';
import type { LoadedDataset } from '../dataset/index.js';
import type { Network } from './network.js';

const ROWS = { tokens: 0, segments: 2 } as const;

/**
 * Refuses texts whose ids are not in the network's tables: some back ends read whatever lies behind a table.
 * @throws GraftError DATA that names split, text and id.
 */
export function checkTokens({ layers, inputShape }: Network, { splits }: Pick<LoadedDataset, 'splits'>): void {
	const length = inputShape.at(-1) ?? 0;
	for (const { layer } of layers) {
		if (layer.kind !== 'embedding' || layer.of === 'positions') continue;
		const { entries, of } = layer;
		for (const [name, { count, inputs }] of Object.entries(splits)) {
			if (!(inputs instanceof Float32Array)) {
				const largest = inputs.largest?.[of === 'tokens' ? 0 : 1] ?? 0;
				if (largest >= entries) refuse(`A text of the ${name} split`, largest, of, entries);
				continue;
			}
			for (let text = 0; text < count; text++) {
				const begin = (text * TOKEN_ROWS + ROWS[of]) * length;
				const wrong = inputs.subarray(begin, begin + length).find((id) => id >= entries);
				if (wrong === undefined) continue;
				refuse(`Text ${text + 1} of the ${name} split`, wrong, of, entries);
			}
		}
	}
}

function refuse(text: string, id: number, of: string, entries: number): never {
	throw new GraftError(
		'DATA',
		`${text} has the id ${id} among its ${of}, and the backbone knows 0 to ${entries - 1}: the tokenizer is not the backbone's.`,
		{ id },
	);
}
