import type { FloatTensor } from '../safetensors/index.js';

/** A matrix the other way round. */
export function transposed({ shape, values }: FloatTensor): FloatTensor {
	const [rows = 0, columns = 0] = shape;
	const turned = new Float32Array(values.length);
	for (let row = 0; row < rows; row++)
		for (let column = 0; column < columns; column++) turned[column * rows + row] = values[row * columns + column] ?? 0;
	return { shape: [columns, rows], values: turned };
}
