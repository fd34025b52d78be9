import type { FloatTensor } from '../safetensors/index.js';

/** Pivots smaller than this share of the largest say that two outputs have as good as the same weights. */
const DEGENERATE = 1e-9;

/**
 * `beta` with the smallest change that gives a linear layer without a bias the outputs of the one with it: kernel' change =
 * bias, so that change = kernel (kernel' kernel)^-1 bias. The kernel is features x outputs. Null where there is no such change;
 * `beta` itself, bit by bit, where the bias is 0.
 */
export function foldBias(kernel: FloatTensor, bias: FloatTensor, beta: FloatTensor): FloatTensor | null {
	if (bias.values.every((value) => value === 0)) return beta;
	const [features = 0, outputs = 0] = kernel.shape;
	const at = (feature: number, output: number) => kernel.values[feature * outputs + output] ?? 0;
	const products = Array.from({ length: outputs }, (_, a) =>
		Array.from({ length: outputs }, (__, b) => {
			let sum = 0;
			for (let feature = 0; feature < features; feature++) sum += at(feature, a) * at(feature, b);
			return sum;
		}),
	);
	const shares = solve(products, Array.from(bias.values));
	if (shares === null) return null;
	const values = beta.values.map((value, feature) => {
		let change = 0;
		for (let output = 0; output < outputs; output++) change += at(feature, output) * (shares[output] ?? 0);
		return value + change;
	});
	return { shape: beta.shape, values };
}

/** Gauss' elimination with row pivots; null for a matrix that has no inverse. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] | null {
	const rows = matrix.map((row, index) => [...row, right[index] ?? 0]);
	const size = rows.length;
	const largest = Math.max(...rows.flat().map(Math.abs));
	for (let column = 0; column < size; column++) {
		const rest = rows.slice(column).map((row) => Math.abs(row[column] ?? 0));
		const pivot = column + rest.indexOf(Math.max(...rest));
		const chosen = rows[pivot] as number[];
		if (!(Math.abs(chosen[column] ?? 0) > DEGENERATE * largest)) return null;
		[rows[column], rows[pivot]] = [chosen, rows[column] as number[]];
		for (const [index, row] of rows.entries()) {
			const factor = index === column ? 0 : (row[column] ?? 0) / (chosen[column] ?? 1);
			for (let at = column; at <= size; at++) row[at] = (row[at] ?? 0) - factor * (chosen[at] ?? 0);
		}
	}
	return rows.map((row, index) => (row[size] ?? 0) / (row[index] ?? 1));
}
